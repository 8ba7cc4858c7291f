"""A site's desk: it performs operations on the books, under the quirks of the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .books import Books
from .call import Call, Refusal, Rule, Texts
from .values import Event, Item, Page, Receipt, Value

FIRST_RECEIPT = 31


class Desk:
    """Performs calls; quirks see each before and after, in their order and then in reverse."""

    def __init__(self, books: Books, rules: Sequence[Rule], texts: Texts) -> None:
        self._books, self._rules, self._texts = books, rules, texts
        self._receipts = FIRST_RECEIPT + len(books.name)
        self._own: Mapping[str, Callable[[Call], Value]] = {
            "list": self._list,
            "look": self._look,
            "ratings": self._ratings,
            "events": self._events,
            "amount": self._amount,
            "find": self._find,
            "readings": self._readings,
            "withdraw": self._withdraw,
            "post": self._post,
            "close": lambda _: None,
        }

    def perform(self, operation: str, arguments: Mapping[str, object]) -> Value:
        """Return what an operation returns.

        Raises:
            Refusal: it is not done.
        """
        call = Call(operation, arguments, self._texts)
        for rule in self._rules:
            rule.enter(call)
        for rule in self._rules:
            rule.take(call)
        value = self._performed(call)
        for rule in reversed(self._rules):
            value = rule.give(call, value)
        return value

    def _performed(self, call: Call) -> Value:
        for rule in self._rules:
            done = rule.perform(call)
            if done is not None:
                return done[0]
        return self._own[call.operation](call)

    def _refuse(self, error: str, key: str, value: object) -> Refusal:
        return Refusal(error, self._texts(key).format(value=value))

    def _list(self, call: Call) -> Page:
        entries, size = list(self._books.summaries.values()), self._books.spec["page_size"]
        index, final = call.whole("page"), -(-len(entries) // size)
        if not 1 <= index <= final:
            raise self._refuse("other", "no page", index)
        return Page(tuple(entries[(index - 1) * size : index * size]), index == final)

    def _look(self, call: Call) -> Item:
        return self._item(call.text("code"))

    def _ratings(self, call: Call) -> Value:
        return [self._books.ratings[self._item(code).code] for code in call.texts("codes")]

    def _item(self, code: str) -> Item:
        if code not in self._books.summaries:
            raise self._refuse("missing", "no item", code)
        return self._books.item(code)

    def _events(self, call: Call) -> list[Event]:
        found = self._books.period(call.day("since"), call.day("until"))
        return [Event(one.number, one.item, one.day.isoformat(), one.way, None) for one in found]

    def _amount(self, call: Call) -> int:
        number = call.whole("number")
        return next(one.amount for one in self._books.movements if one.number == number)

    def _find(self, call: Call) -> Value:
        zone, books = call.text("zone"), self._books
        if zone not in books.spec["zones"]:
            raise self._refuse("missing", "no zone", zone)
        return [entry for entry in books.summaries.values() if books.zones[entry.code] == zone]

    def _readings(self, call: Call) -> Value:
        code = self._item(call.text("code")).code
        return [-1 if value is None else value for value in self._books.readings[code]]

    def _withdraw(self, call: Call) -> Receipt:
        amount = self._withdrawable(call)
        self._books.withdraw(call.text("code"), amount)
        self._receipts += 1
        return Receipt(self._receipts)

    def _withdrawable(self, call: Call) -> int:
        code = self._item(call.text("code")).code
        amount = call.arguments["amount"]
        if not isinstance(amount, int | float) or amount != int(amount):
            raise self._refuse("amount", "not whole", amount)
        if not 0 < amount <= self._books.amounts[code]:
            raise self._refuse("amount", "too much", amount)
        return int(amount)

    def _post(self, call: Call) -> Receipt:
        return Receipt(self._books.ticket(call.text("text")))
