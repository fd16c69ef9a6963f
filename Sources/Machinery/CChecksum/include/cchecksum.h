#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, continued from `crc`, by the processor's own instruction.
/// Returns 0 and leaves `*crc` alone where the processor has none.
int cchecksum_crc32c(uint32_t *crc, const void *bytes, size_t count);
