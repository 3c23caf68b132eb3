"""*Do I need a license?* One question a page, only those that matter, and an answer with its rules. Nothing is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from licensing.accounts.queries import audience_of
from licensing.audit.refusals import Invalid, NotNow
from licensing.countries.queries import names
from licensing.policy.queries import ruleset
from licensing.policy.rules import Determination, determine
from licensing.portal.forms import add_problems
from licensing.portal.public.topics import TOPICS, Topic, facts_of, irrelevant, topic_of
from licensing.texts.queries import text

CONTROL = ("topic", "change")
_YES = {"true": "yes", "false": "no"}


class DayForm(forms.Form):
    day = forms.DateField(
        label="Ask about another day", help_text="What was required on that day, as the rules were.", required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """One line of *check your answers*."""

    title: str
    said: str
    change: str


@dataclass
class Asked:
    """The answers in the address: the valid ones by topic, and the form of the topic that stands on the page."""

    query: QueryDict
    answers: dict[str, Mapping[str, Any]]
    day: datetime
    wrong_day: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Asked":
        answers: dict[str, Mapping[str, Any]] = {}
        for key, topic in TOPICS.items():
            form = topic.form(query)
            if any(name in query for name in form.fields) and form.is_valid() and query.get("change") != key:
                answers[key] = form.cleaned_data
        day = DayForm(query)
        chosen = day.cleaned_data.get("day") if day.is_valid() else None
        moment = timezone.make_aware(datetime.combine(chosen, time(12))) if chosen else timezone.now()
        return cls(query, answers, moment, "" if day.is_valid() else query.get("day", "")[:40])

    def without(self, *topics: str) -> QueryDict:
        """The address without some topics and without what only steers the page."""
        kept = self.query.copy()
        for name in (*CONTROL, *(name for key in topics for name in TOPICS[key].form.base_fields)):
            kept.pop(name, None)
        return kept

    def lines(self) -> Iterator[Answered]:
        for key, given in self.answers.items():
            form = TOPICS[key].form(self.query)
            said = "\n".join(_said(form, name) for name in form.fields if given.get(name))
            change = self.without()
            change["change"] = key
            yield Answered(TOPICS[key].title, said, change.urlencode())


def _said(form: forms.Form, name: str) -> str:
    field, value = form.fields[name], form.cleaned_data[name] if form.is_valid() else ""
    words = {str(choice[0]): choice[1] for choice in getattr(field, "choices", ())}
    shown = ", ".join(str(words.get(each, each)) for each in (value if isinstance(value, list) else [value]))
    label = str(field.label)
    return f"{label}{'' if label.endswith('?') else ':'} {shown}" if len(form.fields) > 1 else shown


def changes(answer: Determination) -> Iterator[str]:
    """What would change the answer, as sentences."""
    for change in answer.would_change:
        outcome = ", ".join(filter(None, (change.requirement, change.exception, change.review_policy))).replace(
            "_", " "
        )
        yield f"{_supposing(change.what)}: {outcome}."


def _supposing(what: str) -> str:
    """`NO off EAR_D5` and `military_end_use = true` as people say them."""
    fact, equals, value = what.partition(" = ")
    if equals:
        key = topic_of(fact)
        said = TOPICS[key].title if key else fact.replace("_", " ")
        return (
            f"If the answer to \N{LEFT DOUBLE QUOTATION MARK}{said}\N{RIGHT DOUBLE QUOTATION MARK} were {_YES[value]}"
        )
    codes, where, key = what.rpartition(" off ") if " off " in what else what.rpartition(" on ")
    called = names()
    countries = ", ".join(called.get(code, code) for code in codes.split(", "))
    return f"If {countries} were {'not ' if where == ' off ' else ''}on the list {key}"


@require_GET
def need(request: HttpRequest) -> HttpResponse:
    """The question that comes next, or the answer. Answers stand in the address alone, so that going back works."""
    asked = Asked.read(request.GET)
    if asked.wrong_day:
        return _unanswered(request, asked, f"“{asked.wrong_day}” is no day: write it as 2026-06-12.")
    try:
        answer = determine(ruleset(asked.day, audience=audience_of(request.user)), facts_of(asked.answers), asked.day)
    except NotNow as missing:
        return _unanswered(request, asked, missing.sentence)
    except Invalid as invalid:
        key = next(reversed(asked.answers), "kind")
        form = TOPICS[key].form(request.GET)
        add_problems(form, invalid)
        return _page(request, asked, key, form)
    steered = (request.GET.get("change", ""), request.GET.get("topic", ""))
    unanswered = (key for key in steered if key in TOPICS and key not in asked.answers)
    if key := next(unanswered, "") or _next(asked, answer):
        return _page(request, asked, key, _form(request, key))
    return _answer(request, asked, answer)


def _unanswered(request: HttpRequest, asked: Asked, sentence: str) -> HttpResponse:
    """A day for which nobody can say: another may be chosen, with the answers kept."""
    kept = asked.without()
    kept.pop("day", None)
    hidden = [(name, value) for name in kept for value in kept.getlist(name)]
    context = {"sentence": sentence, "kept": hidden, "day_form": DayForm()}
    return render(request, "public/need_unanswered.html", context)


def _next(asked: Asked, answer: Determination) -> str:
    """The first topic that the answer asks for and that has not been answered; "" when there is none."""
    wanted = (topic_of(question.fact) for question in answer.questions)
    return next((key for key in wanted if key and key not in asked.answers), "")


def _form(request: HttpRequest, key: str) -> forms.Form:
    """With errors when this page was just sent, filled in when it is changed, else empty."""
    topic = TOPICS[key]
    if request.GET.get("topic") == key:
        return topic.form(request.GET)
    if request.GET.get("change") == key:
        bound = topic.form(request.GET)
        return topic.form(initial=bound.cleaned_data if bound.is_valid() else None)
    return topic.form()


def _page(request: HttpRequest, asked: Asked, key: str, form: forms.Form) -> HttpResponse:
    topic: Topic = TOPICS[key]
    for name in irrelevant(key, asked.answers):
        form.fields.pop(name, None)
    kept = asked.without(key)
    last = next(reversed([each for each in asked.answers if each != key]), "")
    context = {
        "topic": key,
        "title": topic.title,
        "form": form,
        "kept": [(name, value) for name in kept for value in kept.getlist(name)],
        "back": asked.without(key, last).urlencode() if last else "",
        "first": not asked.answers,
    }
    return render(request, "public/need.html", context)


def _answer(request: HttpRequest, asked: Asked, answer: Determination) -> HttpResponse:
    kept = asked.without()
    kept.pop("day", None)
    context = {
        "answer": answer,
        "lines": list(asked.lines()),
        "changes": list(changes(answer)),
        "conditions": [text(key, timezone.now()).title for key in answer.conditions],
        "day_form": DayForm(initial={"day": request.GET.get("day", "")}),
        "kept": [(name, value) for name in kept for value in kept.getlist(name)],
    }
    return render(request, "public/need_answer.html", context)
