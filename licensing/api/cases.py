"""Where a case stands, the questions it has for the applicant, and their answers."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.api.pagination import ByRegistration
from licensing.api.requests import person_of
from licensing.cases.commands.reviewing import answer_question
from licensing.cases.models import Case, Question
from licensing.cases.progress import progress


class QuestionSerializer(serializers.ModelSerializer[Question]):
    class Meta:
        model = Question
        fields = ["id", "text", "asked_at", "answer", "answered_at", "closed_at"]


class ClockSerializer(serializers.Serializer[Any]):
    elapsed_days = serializers.IntegerField()
    limit_days = serializers.IntegerField()
    running = serializers.BooleanField()
    due_at = serializers.DateTimeField(allow_null=True)


class ProgressSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
    sentence = serializers.CharField()
    next = serializers.CharField()
    clock = ClockSerializer(allow_null=True)


class CaseSerializer(serializers.ModelSerializer[Case]):
    progress = serializers.SerializerMethodField()
    questions = QuestionSerializer(many=True)

    class Meta:
        model = Case
        fields = ["control_number", "registered_at", "closed_at", "outcome", "as_filed_sha256", "progress", "questions"]

    @extend_schema(responses=ProgressSerializer)
    def get_progress(self, case: Case) -> dict[str, Any]:
        return dict(ProgressSerializer(progress(case)).data)


class AnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.CharField()


class Cases(generics.ListAPIView[Case]):
    """The cases of your organizations. Agencies' votes, officers' names and screening are never part of it."""

    serializer_class = CaseSerializer
    pagination_class = ByRegistration

    def get_queryset(self) -> Any:
        return (
            Case.objects.filed_for(person_of(self.request))
            .select_related("workflow__definition")
            .prefetch_related("questions")
        )


class OneCase(generics.RetrieveAPIView[Case]):
    """Where a case stands."""

    serializer_class = CaseSerializer
    lookup_field = "control_number"

    def get_queryset(self) -> Any:
        return (
            Case.objects.filed_for(person_of(self.request))
            .select_related("workflow__definition")
            .prefetch_related("questions")
        )


class AnswerQuestion(APIView):
    @extend_schema(request=AnswerSerializer, responses=QuestionSerializer)
    def post(self, request: Request, question_id: uuid.UUID) -> Response:
        """Answer a question; the clock runs again."""
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person = person_of(request)
        question = Question.objects.filter(case__in=Case.objects.filed_for(person)).get(pk=question_id)
        answered = answer_question(actor=person, question_id=question.pk, answer=given.validated_data["answer"])
        return Response(QuestionSerializer(answered).data)
