"""Objections to who is treated when: numbers of units, cohorts, comparisons, periods around adoption."""

from __future__ import annotations

from shidian.lint.design import Design, Objection
from shidian.messages import joined, say

FEW_TREATED, FEW_BEFORE = 5, 3
"""Fewer treated units, or periods before adoption, are an objection."""


def who_is_treated(design: Design) -> list[Objection]:
    """Object to few treated units, to none that is never treated, and to units treated throughout."""
    adopted, units = design.adopted, design.rows.groupby("unit")["year"]
    always = adopted[adopted.notna() & (adopted <= units.min())].index.tolist()
    treated = adopted.drop(always).dropna()
    found = []
    if treated.empty:
        return [
            Objection(
                "stop", "treated", say("no unit is observed before and after adoption"),
                say("no effect can be estimated: look at the years of adoption and at the sample"),
            )
        ]  # fmt: skip
    if len(treated) < FEW_TREATED:
        found.append(
            Objection(
                "stop" if len(treated) == 1 else "warn", "treated",
                say("treated units: {n} ({names})", n=len(treated), names=design.names_of(treated.index.tolist())),
                say("clustered errors are far too small: report randomisation inference (kind placebo, its p-value)"),
            )
        )  # fmt: skip
    if not adopted.isna().any():
        last = int(treated.max())
        found.append(
            Objection(
                "warn", "controls", say("no unit is never treated; the last ones adopt in {year}", year=last),
                say(
                    "effects after {year} have nothing to be compared with: end the sample the year before, and use "
                    "staggered_did with control_group not_yet_treated",
                    year=last,
                ),
            )
        )  # fmt: skip
    if always:
        found.append(
            Objection(
                "warn", "always treated",
                say(
                    "units treated in every year observed: {n} ({names})", n=len(always),
                    names=design.names_of(always),
                ),
                say("they serve as controls of the others: always_treated: leave_out"),
            )
        )  # fmt: skip
    return found


def cohorts(design: Design) -> list[Objection]:
    """Object to cohorts of one unit, and to few periods before the first adoption or none after the last."""
    adopted = design.adopted.dropna()
    first, last = int(design.rows["year"].min()), int(design.rows["year"].max())
    inside = adopted[adopted > first]
    sizes = inside.value_counts()
    single = sorted(int(year) for year in sizes[sizes == 1].index)
    found = []
    if single and len(inside) > 1:
        found.append(
            Objection(
                "warn", "cohorts", say("cohorts of a single unit: {years}", years=joined(map(str, single))),
                say("their effects have understated errors: take averages over cohorts, and leave them out once"),
            )
        )  # fmt: skip
    years = sorted(design.rows["year"].unique())
    before = {int(g): sum(year < g for year in years) for g in inside.unique()}
    short = sorted(g for g, n in before.items() if n < FEW_BEFORE)
    if short:
        found.append(
            Objection(
                "warn", "periods before",
                say(
                    "cohorts with fewer than {n} periods before adoption: {years}", n=FEW_BEFORE,
                    years=joined(map(str, short)),
                ),
                say("parallel trends can hardly be tested for them: begin the panel earlier, or say so"),
            )
        )  # fmt: skip
    late = sorted(int(g) for g in inside.unique() if g >= last)
    if late:
        found.append(
            Objection(
                "note", "periods after",
                say("adopted in the last year of the panel, {year}: one period of effects", year=last),
                say("effects that take time are not seen in this cohort"),
            )
        )  # fmt: skip
    return found
