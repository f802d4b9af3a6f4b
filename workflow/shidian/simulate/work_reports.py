"""Provincial government work reports as text, with a planted share of words on digital infrastructure.

Every word stands between punctuation marks, so that any segmentation with the dictionary loaded finds the same words.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from shidian.simulate.catalogue import SIMULATED
from shidian.simulate.streams import stream

YEARS = range(2004, 2019)
DIGITAL = (
    "互联网", "物联网", "云计算", "大数据", "人工智能", "智能终端", "数字经济", "电子商务", "信息基础设施",
    "宽带网络", "移动互联网", "数据中心",
)  # fmt: skip
FILLER = (
    "发展", "经济", "改革", "开放", "农业", "农村", "工业", "服务业", "投资", "消费", "就业", "教育", "医疗",
    "卫生", "文化", "环境", "生态", "交通", "能源", "城市", "乡镇", "企业", "创新", "人才", "财政", "税收",
    "金融", "贸易", "住房", "社会保障", "安全", "稳定", "质量", "效益", "增长", "目标", "任务", "政府", "群众",
)  # fmt: skip
WORDS = 1500
COLUMNS = ["file", "province_code", "year", "digital_words", "words", "share"]


def write_reports(provinces: pd.DataFrame, seed: int, folder: Path) -> pd.DataFrame:
    """Write ``work_reports/sim_work_report_<code>_<year>.txt`` for 2004 to 2018.

    Args:
        provinces: code and name of the provinces.
        seed: seed of the world.
        folder: folder of all simulated files.

    Returns:
        The key: file, province, year, number of dictionary words, number of words, their share.
    """
    (folder / "work_reports").mkdir(parents=True, exist_ok=True)
    rows = []
    for unit in provinces.sort_values("code").itertuples():
        base = stream(seed, "work reports", str(unit.code)).uniform(0.002, 0.006)
        for year in YEARS:
            rng = stream(seed, "work reports", str(unit.code), year)
            total = int(WORDS + rng.integers(-200, 200))
            share = min(base * np.exp(0.12 * (year - 2004) + 0.15 * rng.standard_normal()), 0.08)
            digital = int(rng.binomial(total, share))
            file = f"work_reports/sim_work_report_{unit.code}_{year}.txt"
            title = f"{year}年{unit.name}政府工作报告 {SIMULATED}"
            (folder / file).write_text(f"{title}\n{_text(rng, digital, total)}\n", encoding="utf-8", newline="\n")
            rows.append((file, unit.code, year, digital, total, digital / total))
    return pd.DataFrame(rows, columns=COLUMNS)


def _text(rng: np.random.Generator, digital: int, total: int) -> str:
    words = [DIGITAL[k] for k in rng.integers(len(DIGITAL), size=digital)]
    words += [FILLER[k] for k in rng.integers(len(FILLER), size=total - digital)]
    words = [words[k] for k in rng.permutation(total)]
    paragraphs = [words[k : k + 60] for k in range(0, total, 60)]
    return "\n".join("、".join(paragraph) + "。" for paragraph in paragraphs)
