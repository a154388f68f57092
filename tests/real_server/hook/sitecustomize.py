"""Python imports this when it starts: a process of the suite whose points shall be on the real server."""

import importlib.util
import os
import sys
from pathlib import Path

NAME = "indexer.settings"


class SettingsHook:
    """Changes the settings when they are imported, and nothing before."""

    def find_spec(self, name, path=None, target=None):
        """Find the module as always, and have its class changed."""
        if name != NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            place = Path(__file__).parents[1] / "settings.py"
            ours = importlib.util.spec_from_file_location("real_server_settings", place)
            found = importlib.util.module_from_spec(ours)
            ours.loader.exec_module(found)
            found.use_gate(module.IndexerSettings)

        spec.loader.exec_module = exec_module
        return spec


if os.environ.get("QDRANT_GATE"):
    sys.meta_path.insert(0, SettingsHook())
