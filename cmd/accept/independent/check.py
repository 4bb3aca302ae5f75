"""Compares figures of a demo with what plain Python makes of its raw events.

    python3 check.py RAW URL [DATABASE]

RAW is what `ebb demo --raw` wrote, URL that of the ClickHouse with the demo's tables.
It needs Python 3.11 and nothing beside its standard library, and shares no code with
ebb or with its proof: it reads views only. Exit status 1 where a figure differs.
"""

import sys
import time
from decimal import Decimal

from clickhouse import ClickHouse
from days import DAY_CHECKS
from figures import CHECKS
from people import PEOPLE_CHECKS
from stream import judged

TOLERANCE = Decimal("1e-6")  # of figures that divide: views have them as floats, or cut after six digits


def same(found, wanted):
    if found is None or wanted is None:
        return found is wanted
    return abs(Decimal(str(found)) - wanted) <= TOLERANCE * max(1, abs(wanted))


def compare(check, window, stream, house, clock):
    """Yields what differs; returns how many rows there were."""
    wanted = {at: row for at, row in check.expect(stream, window).items() if at[0] <= clock}
    columns = ", ".join((*check.by, *check.columns, *check.figures))
    query = f"SELECT toUnixTimestamp64Milli(window_end), {columns} FROM {check.view} WHERE window = '{window}'{check.where}"
    rows, n = 0, 1 + len(check.by)
    for row in house.rows(query):
        rows += 1
        at, numbers, figures = tuple(row[:n]), row[n : n + len(check.columns)], row[n + len(check.columns) :]
        want = wanted.pop(at, None) or (0,) * len(numbers)
        for name, found, expected in zip(check.columns, numbers, want):
            if Decimal(str(found)) != expected:
                yield f"{at}: {name} is {found}, Python finds {expected}"
        for (name, formula), found in zip(check.figures.items(), figures):
            if not same(found, formula(want)):
                yield f"{at}: {name} is {found}, Python finds {formula(want)}"
    for at, want in wanted.items():
        if any(want):
            yield f"{at}: no row, Python finds {want}"
    return rows


def differences(check, window, stream, house, clock):
    found, comparison = [], compare(check, window, stream, house, clock)
    while True:
        try:
            found.append(next(comparison))
        except StopIteration as end:
            return found, end.value


def days_apart(check, stream, house):
    """What differs in a view of calendar days, and how many rows there were."""
    counted = {row[0] for row in house.rows("SELECT DISTINCT toString(day) FROM " + check.days)}
    wanted = {at: row for at, row in check.expect(stream, counted).items() if at[0] in counted and any(row)}
    found, rows = [], 0
    names = ", ".join(("toString(day)", *check.by, *check.columns))
    for row in house.rows(f"SELECT {names} FROM {check.view}{check.where}"):
        rows += 1
        n = 1 + len(check.by)
        at, numbers = tuple(str(part) for part in row[:n]), tuple(row[n:])
        want = wanted.pop(at, (0,) * len(numbers))
        if tuple(Decimal(str(x)) for x in numbers) != tuple(Decimal(x) for x in want):
            found.append(f"{at} is {numbers}, Python finds {want}")
    found += [f"{at}: no row, Python finds {want}" for at, want in wanted.items()]
    return found, rows


def outcomes(stream, house):
    """What became of the records, which no view of windows says."""
    names = ("processed", "duplicates", "dead_letters", "late_dropped")
    sums = house.rows("SELECT " + ", ".join(f"sum({name})" for name in names) + " FROM v_pipeline")[0]
    found = [f"{name} is {n}, Python finds {stream.counts[name]}" for name, n in zip(names, sums) if n != stream.counts[name]]
    late = house.rows("SELECT toUnixTimestamp64Milli(time), customer, id FROM v_late")
    mine = {(e.time, e.customer, e.body["id"]) for e in stream.late}
    found += [f"late {row}: in the view or in Python alone" for row in mine ^ {tuple(row) for row in late}]
    return found, len(names) + len(late)


def main(raw, url, database="ebb"):
    began = time.monotonic()
    stream, house = judged(raw), ClickHouse(url, database)
    clock = house.one("SELECT toUnixTimestamp64Milli(clock) FROM v_clock")
    print(f"{len(stream.events)} events count; read in {time.monotonic() - began:.1f} s")
    results = [("outcomes", "", *outcomes(stream, house))]
    for check in DAY_CHECKS:
        results.append((check.name, "day", *days_apart(check, stream, house)))
    for check in CHECKS + PEOPLE_CHECKS:
        for window in check.windows:
            results.append((check.name, window, *differences(check, window, stream, house, clock)))
    print(f"{'figure':<28} {'window':<7} {'rows':>8} {'different':>9}")
    failed = False
    for name, window, different, rows in results:
        print(f"{name:<28} {window:<7} {rows:>8} {len(different):>9}")
        for text in different[:5]:
            print(f"    {text}")
        if rows == 0:
            print("    nothing was compared")
        failed = failed or bool(different) or rows == 0
    print(f"{len({name for name, *_ in results})} figures in {time.monotonic() - began:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    sys.exit(main(*sys.argv[1:]))
