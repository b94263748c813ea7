//! Keeps facts in `lumbard.db` and raw samples in one file per UTC day. Knows nothing of Bluetooth.
