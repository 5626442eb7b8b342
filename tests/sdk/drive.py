"""Lets the clouds' own unmodified Python SDKs drive `tunnelctl emulate`.

    drive.py CLIENT...

Where the emulator is and which keys it takes come from the environment, under the names that `tunnelctl emulate` prints.
Prints one line a check, `ok CLIENT FACT`; ends with 1 and a message at the first that fails.
"""

import os
import sys
import tempfile
from importlib import import_module

CLIENTS = {
    "alibaba-classic": "alibaba",
    "alibaba-current": "alibaba",
    "tencent-v2": "tencent_v2",
    "tencent-v3": "tencent_v3",
    "tccli": "tencent_v3",
    "huawei": "huawei",
}


def main():
    names = sys.argv[1:] or list(CLIENTS)
    for name in names:
        if name not in CLIENTS:
            sys.exit(f"no client is named {name}; there are {', '.join(CLIENTS)}")
    sys.dont_write_bytecode = True
    # Some clients write into the home folder when they are merely imported, and proxies do not lead to loopback.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        for name in names:
            import_module(f"stories.{CLIENTS[name]}").drive(name)


if __name__ == "__main__":
    main()
