"""What every client's story is made of: facts that are checked one by one, and the wait for a change."""

import sys
import time


class Facts:
    """Prints `ok <client> <fact>` for what holds, and ends the process at the first thing that does not."""

    def __init__(self, client):
        self.client = client

    def holds(self, fact, condition, seen=""):
        if not condition:
            sys.exit(f"not ok {self.client} {fact}\n  seen: {seen!r}")
        print(f"ok {self.client} {fact}", flush=True)

    def same(self, fact, seen, wanted):
        """Equal and of one type: True is not 1, and "3" is not 3."""
        if (type(seen), seen) != (type(wanted), wanted):
            sys.exit(f"not ok {self.client} {fact}\n  seen:   {seen!r}\n  wanted: {wanted!r}")
        print(f"ok {self.client} {fact}", flush=True)

    def has(self, fact, seen, wanted):
        """The members of a dict that are wanted are there, equal and of one type."""
        seen = {name: seen.get(name) for name in wanted}
        kinds = [{name: type(value) for name, value in side.items()} for side in (seen, wanted)]
        if seen != wanted or kinds[0] != kinds[1]:
            wrong = [name for name in wanted if (type(seen[name]), seen[name]) != (type(wanted[name]), wanted[name])]
            lines = "".join(f"\n  {name}: seen {seen[name]!r}, wanted {wanted[name]!r}" for name in wrong)
            sys.exit(f"not ok {self.client} {fact}{lines}")
        print(f"ok {self.client} {fact}", flush=True)

    def refused(self, fact, wanted, call):
        """The call ends in an exception; `wanted` compares with what the client's `refusal` makes of it."""
        self.same(fact, refusal_of(call, f"not ok {self.client} {fact}"), wanted)

    def settled(self, read, is_changing, seconds=30):
        """Reads until no change is under way; returns the last reading."""
        end = time.monotonic() + seconds
        while True:
            seen = read()
            if not is_changing(seen):
                return seen
            if time.monotonic() > end:
                sys.exit(f"not ok {self.client}: still changing after {seconds} s\n  seen: {seen!r}")
            time.sleep(0.05)

    def meets_busy(self, fact, modify, read, is_changing, old, busy):
        """While a change is under way, the previous values are read, and a second change is refused as busy.

        `modify(number)` makes a change that differs by its number; `old(reading)` is what the change will alter. A slow
        machine may come too late to see it: then the story begins again with the next number.
        """
        for number in range(50):
            before = old(read())
            modify(number)
            during = read()
            if is_changing(during):
                if old(during) != before:
                    sys.exit(f"not ok {self.client} {fact}: a value was there before its time\n  seen: {during!r}")
                refusal = refusal_of(lambda: modify(number + 1000), None)
                if refusal is not None:
                    self.same(fact, refusal, busy)
                    return self.settled(read, is_changing)
            self.settled(read, is_changing)
        sys.exit(f"not ok {self.client} {fact}: no change was ever seen being made")


class Refused(Exception):
    """What a client's own exception says: `facts` are compared."""

    def __init__(self, *facts):
        super().__init__(*facts)
        self.facts = facts


def refusal_of(call, otherwise):
    """The facts of a call's refusal; when it is not refused, None, or the end with the text `otherwise`."""
    try:
        seen = call()
    except Refused as refused:
        return refused.facts
    if otherwise is None:
        return None
    sys.exit(f"{otherwise}: not refused\n  seen: {seen!r}")
