"""What this room brings to the others, done once when the applications are ready."""

from licensing.countries.lists import CountryLists
from licensing.countries.queries import KIND
from licensing.publishing import observers

observers.register(KIND, CountryLists(), desk="Country lists")
