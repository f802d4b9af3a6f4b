"""Simulated yearbooks with a planted truth.

``yearbooks.write_yearbooks(folder, seed)`` writes all workbooks, ``volumes.write_volume`` one of them;
``pseudo_true.simulate_panel`` gives a study's panel without any workbook and ``pseudo_true.pseudo_true`` the value that
an estimator has on the same design without disturbances. What is planted stands in config/truth/<study>.yaml, what is
printed and how messy in catalogue.yaml, which raw items a study needs in study_items.yaml.

::

    truth -> moments, structure, invert -> cities, counties, provinces (World: raw items; Panel: a study's variables)
          -> layout -> mess -> workbook (a volume) -> yearbooks (all, with key.csv, planted.parquet, truth.yaml)
    catalogue -> sources (config/sources/sim_*.yaml)
"""
