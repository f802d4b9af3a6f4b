"""Structure of an economy: location quotient, upgrading and rationalisation of industry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import describe, numeric_frame, require_not_negative, require_positive

SECTORS = ("primary", "secondary", "tertiary")


def location_quotient(sector: object, total: object, year: object) -> pd.Series:
    """Return the location quotient (Haggett 1966): LQ_it = (S_it / E_it) / (sum_i S_it / sum_i E_it).

    S = employees of the sector, E = all employees; the sums run over the units of the same year that have both.
    """
    frame = numeric_frame("location_quotient", {"sector": sector, "total": total})
    require_not_negative("location_quotient", frame[["sector"]])
    require_positive("location_quotient", frame[["total"]])
    over = frame["sector"] > frame["total"]
    if over.any():
        where = describe(frame.index[over][0], frame.index.names)
        raise EstimationError(f"location_quotient: {where}: the sector has more employees than all sectors together")
    years = pd.Series(np.asarray(year), index=frame.index)
    both = frame.where(frame.notna().all(axis=1))
    sums = both.groupby(years).transform("sum")
    empty = sums["sector"].eq(0) & both["sector"].notna()
    if empty.any():
        raise EstimationError(f"location_quotient: no unit has any employee of the sector in {years[empty].iloc[0]}")
    return ((both["sector"] / both["total"]) / (sums["sector"] / sums["total"])).rename("location_quotient")


def upgrading_by_share(shares: Sequence[object], tolerance: float = 0.005) -> pd.Series:
    """Return industrial upgrading as stru = sum_m m y_m, y_m = share of sector m = 1, 2, 3 in GDP; from 1 to 3.

    Raises EstimationError where the shares do not add to one within ``tolerance``.
    """
    y = _three("upgrading_by_share", shares, "share")
    require_not_negative("upgrading_by_share", y)
    _check_sum("upgrading_by_share", y, tolerance)
    return (y.to_numpy() @ np.array([1.0, 2.0, 3.0]) + 0.0 * y.sum(axis=1, skipna=False)).rename("upgrading")


def upgrading_by_productivity(
    output: Sequence[object],
    labour: Sequence[object],
    scale: float | Sequence[float],
    deflator: object = None,
) -> pd.Series:
    """Return industrial upgrading as ais = sum_m y_m (Y_m / L_m) (Liu, Zhang & Huang 2008).

    y_m is sector m's share of output. Labour productivity is made dimensionless: divided by ``deflator`` (1 in the
    base year) if given, and by ``scale``, one number or one a sector, which the study declares.
    """
    Y = _three("upgrading_by_productivity", output, "output")
    L = _three("upgrading_by_productivity", labour, "labour")
    if not L.index.equals(Y.index):
        raise EstimationError("upgrading_by_productivity: labour has other rows than output")
    require_not_negative("upgrading_by_productivity", Y)
    require_positive("upgrading_by_productivity", L)
    scales = np.broadcast_to(np.asarray(scale, dtype=float), (3,))
    if not (np.isfinite(scales) & (scales > 0)).all():
        raise EstimationError(f"upgrading_by_productivity: the scale must be positive, not {scale}")
    productivity = Y.to_numpy() / L.to_numpy() / scales
    if deflator is not None:
        prices = numeric_frame("upgrading_by_productivity", {"deflator": pd.Series(deflator, index=Y.index)})
        require_positive("upgrading_by_productivity", prices)
        productivity = productivity / prices.to_numpy()
    share = Y.to_numpy() / Y.sum(axis=1, skipna=False).to_numpy()[:, None]
    return pd.Series((share * productivity).sum(axis=1), index=Y.index, name="upgrading")


def rationalisation(output: Sequence[object], labour: Sequence[object]) -> pd.Series:
    """Return (non-)rationalisation as a Theil index: ris = sum_m y_m ln(y_m / l_m) (Gan, Zheng & Yu 2011).

    y_m and l_m are sector m's shares of output and of employment, formed here so that each adds to one. Zero where
    every sector employs its share of output, positive otherwise. A sector without output counts nothing; output
    without employees is an error.
    """
    Y = _three("rationalisation", output, "output")
    L = _three("rationalisation", labour, "labour")
    if not L.index.equals(Y.index):
        raise EstimationError("rationalisation: labour has other rows than output")
    require_not_negative("rationalisation", Y)
    require_not_negative("rationalisation", L)
    idle = (L.to_numpy() == 0) & (Y.to_numpy() > 0)
    if idle.any():
        row, m = (int(v[0]) for v in np.nonzero(idle))
        where = describe(Y.index[row], Y.index.names)
        raise EstimationError(f"rationalisation: {where}: the {SECTORS[m]} sector has output but no employees")
    y = Y.to_numpy() / Y.sum(axis=1, skipna=False).to_numpy()[:, None]
    share_l = L.to_numpy() / L.sum(axis=1, skipna=False).to_numpy()[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(y == 0, 0.0, y * np.log(y / share_l))
    value = pd.Series(terms.sum(axis=1), index=Y.index, name="rationalisation")
    return value.where(pd.Series(np.isfinite(y + share_l).all(axis=1), index=Y.index)).clip(lower=0.0)


def _three(indicator: str, inputs: Sequence[object], what: str) -> pd.DataFrame:
    if len(inputs) != 3:
        raise EstimationError(
            f"{indicator}: three sectors are needed (primary, secondary, tertiary), not {len(inputs)}"
        )
    return numeric_frame(indicator, {f"{name} {what}": v for name, v in zip(SECTORS, inputs, strict=True)})


def _check_sum(indicator: str, shares: pd.DataFrame, tolerance: float) -> None:
    total = shares.sum(axis=1, skipna=False)
    off = (total - 1.0).abs() > tolerance
    if off.any():
        where, value = describe(shares.index[off][0], shares.index.names), total[off].iloc[0]
        hint = "; divide percentages by 100" if 99 < value < 101 else ""
        raise EstimationError(f"{indicator}: {where}: the shares add to {value:g}, not to 1{hint}")
