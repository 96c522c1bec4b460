"""Faults at length: commands that are killed, run out of disk, or meet in one folder.

`python -m tests.faults FAULT --count N --seed S` runs one fault, from the root of the repository;
`tests/test_faults.py` runs each briefly.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # before NumPy and torch are imported
    os.environ[_name] = "1"
