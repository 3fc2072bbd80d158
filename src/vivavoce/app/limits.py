"""How often and how much at a time: per address, key, site and agent.

Kept in memory, so each process counts for itself and a restart begins anew; what must hold over many servers belongs
into the balancer before them. The library `limits` was tried: its memory storage keeps every address it ever saw and
searches all of them in a thread of its own, a hundred times a second under load.
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from heapq import heappop, heappush

from vivavoce.agents.spec import Limits as AgentLimits
from vivavoce.agents.units import Period
from vivavoce.app.settings import Settings
from vivavoce.errors import LimitError

REQUESTS_OVER_S = 10.0
"""Requests are counted over ten seconds, so that a page may ask for many things at once."""
MINUTE_S = 60.0
MONTH_S = 30 * 86_400.0
PERIOD_S: dict[Period, float] = {
    "minute": MINUTE_S, "hour": 3600.0, "day": 86_400.0, "week": 604_800.0, "month": MONTH_S
}  # fmt: skip
MOST = 100_000
"""Moments remembered: some 35 MB when each is of another address. Whoever comes while that many are remembered shares
one allowance with all others who do.
"""
_OTHERS = "others"


class Windows:
    """What happened in the last so many seconds, to the moment, of any number of subjects in bounded memory.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._rules: dict[str, OrderedDict[str, deque[float]]] = {}
        self._held = 0

    def hit(self, rule: str, subject: str, count: int, seconds: float) -> float:
        """Let something happen once more; 0.0 when it may, else the seconds until it may."""
        now = self._clock()
        subjects = self._rules.setdefault(rule, OrderedDict())
        self._forget(subjects, now - seconds, 2)  # more than one comes: the past goes faster than it grows
        if self._held >= self._most:
            self._forget(subjects, now - seconds, len(subjects))
            subject = subject if self._held < self._most else _OTHERS
        wait_s = self._wait_s(subjects.get(subject), count, seconds, now)
        if wait_s == 0.0:
            subjects.setdefault(subject, deque()).append(now)
            subjects.move_to_end(subject)
            self._held += 1
        return wait_s

    def wait_s(self, rule: str, subject: str, count: int, seconds: float) -> float:
        """What `hit` would say, without its happening."""
        subjects: Mapping[str, deque[float]] = self._rules.get(rule, {})
        moments = subjects.get(subject) if subject in subjects or self._held < self._most else subjects.get(_OTHERS)
        return self._wait_s(moments, count, seconds, self._clock())

    def _wait_s(self, moments: deque[float] | None, count: int, seconds: float, now: float) -> float:
        if moments is None:
            return 0.0
        while moments and moments[0] <= now - seconds:
            moments.popleft()
            self._held -= 1
        return 0.0 if len(moments) < count else moments[len(moments) - count] + seconds - now

    def _forget(self, subjects: OrderedDict[str, deque[float]], until: float, most: int) -> None:
        """Drop subjects of whom nothing is left to remember, from the one who came last the longest ago."""
        for _ in range(most):
            if not subjects:
                return
            moments = next(iter(subjects.values()))
            if moments and moments[-1] > until:
                return
            self._held -= len(moments)
            subjects.popitem(last=False)

    @property
    def held(self) -> int:
        return self._held


class Seats:
    """Calls at a time, by whom they were booked.

    Args:
        is_running: whether a call runs, by its id.
        clock: seconds that never go back.
    """

    def __init__(self, is_running: Callable[[str], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._is_running = is_running
        self._clock = clock
        self._taken: dict[str, tuple[tuple[str, ...], float]] = {}
        self._had: Counter[str] = Counter()  # of those, by subject
        self._ends: list[tuple[float, str]] = []  # a heap: when calls should have begun; one may stand there twice
        self._begun: set[str] = set()  # their time to begin is over: they hold a seat as long as they run
        self._asking: Counter[str] = Counter()

    @contextmanager
    def ask(self, wanted: dict[str, tuple[int, str]]) -> Iterator[Callable[[str, float], None]]:
        """Room for one more call of these subjects.

        Args:
            wanted: by subject, how many it may have (0: any number) and what that limit is, in words.
        Yields:
            To be called with the call's id and for how many seconds it may wait to be begun.
        Raises:
            LimitError: one of them has as many as it may.
        """
        self._clear(self._clock())
        for subject, (most, words) in wanted.items():
            if most and self._had[subject] + self._asking[subject] >= most:
                raise LimitError(f"want at most {most} {words}, got another one", wait_s=MINUTE_S)
        self._asking.update(wanted.keys())

        def take(call_id: str, wait_s: float) -> None:
            self._had.update(wanted.keys())
            self._hold(call_id, tuple(wanted), self._clock() + wait_s)

        try:
            yield take
        finally:
            self._asking.subtract(wanted.keys())
            self._asking += Counter()  # drops those that nobody asks for

    def keep(self, call_id: str, wait_s: float) -> None:
        """A call got more time to begin."""
        if call_id in self._taken:
            self._begun.discard(call_id)
            self._hold(call_id, self._taken[call_id][0], self._clock() + wait_s)

    def _hold(self, call_id: str, subjects: tuple[str, ...], until: float) -> None:
        self._taken[call_id] = (subjects, until)
        heappush(self._ends, (until, call_id))

    def _clear(self, now: float) -> None:
        """Clear the seats of calls that did not begin in time or are over. However many wait, only those are looked at
        whose time has come, and those that run.
        """
        while self._ends and self._ends[0][0] <= now:
            _, call_id = heappop(self._ends)
            if call_id in self._taken and self._taken[call_id][1] <= now:  # otherwise it got more time
                self._begun.add(call_id)
        for call_id in [each for each in self._begun if not self._is_running(each)]:
            self._begun.discard(call_id)
            for subject in self._taken.pop(call_id)[0]:
                self._had[subject] -= 1
                if not self._had[subject]:
                    del self._had[subject]


class Limits:
    """The limits of the settings and of agent files. Every method raises LimitError where one is reached."""

    def __init__(self, settings: Settings, seats: Seats, windows: Windows) -> None:
        self._settings = settings
        self._seats = seats
        self._windows = windows

    def request(self, who: str) -> None:
        """A request of an address or a key."""
        self._hit("requests", who, round(self._settings.requests_per_s * REQUESTS_OVER_S), REQUESTS_OVER_S)

    def failing(self, address: str) -> None:
        """Whether an address may still try: it did not show too many wrong keys or tickets."""
        count = self._settings.failures_per_minute
        if count and (wait_s := self._windows.wait_s("failures", address, count, MINUTE_S)):
            raise _reached("failures", count, MINUTE_S, wait_s)

    def failed(self, address: str) -> None:
        """An address showed a wrong key or ticket."""
        if self._settings.failures_per_minute:
            self._windows.hit("failures", address, self._settings.failures_per_minute, MINUTE_S)

    def answering(self, address: str) -> None:
        """A form of a survey from an address."""
        self._hit("survey forms", address, self._settings.survey_forms_per_minute, MINUTE_S)

    @contextmanager
    def key_booking(self, key_id: str) -> Iterator[Callable[[str, float], None]]:
        """Room for a call that a key books; see `Seats.ask`."""
        self._hit("bookings", key_id, self._settings.key_bookings_per_minute, MINUTE_S)
        with self._seats.ask({f"key {key_id}": (self._settings.calls_per_key, "calls of a key at a time")}) as take:
            yield take

    @contextmanager
    def visitor_booking(
        self, address: str, origin: str, agent: str, limits: AgentLimits
    ) -> Iterator[Callable[[str, float], None]]:
        """Room for a call that a browser on an agent's page books; see `Seats.ask`."""
        self._hit("bookings", address, self._settings.visitor_bookings_per_minute, MINUTE_S)
        wanted = {
            f"address {address}": (self._settings.calls_per_address, "calls of an address at a time"),
            f"origin {origin}": (self._settings.calls_per_origin, "calls of a site at a time"),
        }
        with self._seats.ask(wanted) as take:
            # last, and the site's after the visitor's: who is refused uses nothing up of what others share
            if (rate := limits.per_visitor) is not None:
                self._hit(f"calls of a visitor with {agent}", address, rate.count, PERIOD_S[rate.per], none_at_0=True)
            if (rate := limits.per_site) is not None:
                self._hit(f"calls of a site with {agent}", origin, rate.count, PERIOD_S[rate.per], none_at_0=True)
            yield take

    def keep(self, call_id: str, wait_s: float) -> None:
        """A booked call got a new ticket."""
        self._seats.keep(call_id, wait_s)

    def _hit(self, rule: str, subject: str, count: int, seconds: float, *, none_at_0: bool = False) -> None:
        if count == 0:
            if none_at_0:
                raise _reached(rule, 0, seconds, seconds)
            return
        if wait_s := self._windows.hit(rule, subject, count, seconds):
            raise _reached(rule, count, seconds, wait_s)


def _reached(rule: str, count: int, seconds: float, wait_s: float) -> LimitError:
    return LimitError(f"want at most {count} {rule} in {seconds:g} s, got another one", wait_s=math.ceil(wait_s))
