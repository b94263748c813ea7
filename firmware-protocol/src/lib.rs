//! Sans-I/O wire protocols of the motion sensors that lumbard speaks to: bytes in, samples and actions out.
#![no_std]
