"""Before a test imports numpy: a second thread of its arithmetic spins while it waits, and tests run beside others."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
