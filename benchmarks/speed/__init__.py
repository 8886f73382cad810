"""Speed and memory, side by side with what people use now."""

import os

# Before anything imports numpy: every figure is of one thread.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"
