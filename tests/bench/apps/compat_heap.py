# SPDX-License-Identifier: MIT
# compat_heap.py: the heap that `import requests` takes.
import gc

gc.collect()
before = gc.mem_alloc()
import requests  # noqa: E402, F401

gc.collect()
print(gc.mem_alloc() - before)
