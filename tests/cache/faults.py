"""What the tests of faults share: damaged entries, and other processes."""

import json
import struct
from hashlib import sha256

import numpy as np
import pytest

from sersk.utils import CacheWarning

KEY, DIGEST = "ab" * 32, "12" * 32
NOBODY = 65534
# Puts values and prints what warnings came and which values can be read afterwards.
PUT_AND_REPORT = """
import json, os, resource, sys, warnings
import numpy as np
from sersk.cache import FeatureStore
path, *actions = sys.argv[1:]
store = FeatureStore(path)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for action in actions:
        name, _, number = action.partition("=")
        if name == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), -1))
        elif name == "put":
            digest = f"{int(number):064x}"
            store.put("ab" * 32, digest, np.full(int(number), 7.0))
        elif name == "user" and os.geteuid() == 0:
            os.setgid(int(number))
            os.setuid(int(number))
        elif name == "clear":
            store.clear()
        elif name == "chmod":
            for folder, _, _ in os.walk(path):
                os.chmod(folder, int(number, 8))
    found = {}
    for action in actions:
        if action.startswith("put="):
            number = int(action[4:])
            value = store.get("ab" * 32, f"{number:064x}")
            right = value is not None and np.array_equal(value, np.full(number, 7.0))
            found[number] = None if value is None else right
messages = [f"{item.category.__name__}: {item.message}" for item in caught]
temporary = [name for name in os.listdir(path) if name.startswith(".tmp-")]
print(json.dumps({"messages": messages, "found": found, "temporary": temporary}))
"""


def assert_recomputed(kept, reason):
    """Check that a damaged entry is reported, is not used and can be replaced."""
    with pytest.warns(CacheWarning, match=reason) as caught:
        assert kept.get() is None
    assert str(kept.path) in str(caught[0].message)
    assert "the value is computed again" in str(caught[0].message)
    kept.put()
    np.testing.assert_array_equal(kept.get(), kept.value)


def seal(header, numbers):
    """Make an entry of any header, whose checksum is right."""
    text = json.dumps(header).encode()
    content = struct.pack("<6sHI", b"\x89sersk", 1, len(text)) + text + numbers
    return content + sha256(content).digest()
