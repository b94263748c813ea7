//! The local page: pages, the live stream, and who may see them.
