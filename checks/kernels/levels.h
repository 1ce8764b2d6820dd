/* Which set of instructions an entry that is compiled for several may use: 0 what every machine has, 1 AVX2, 2 AVX-512. */
#ifndef KERNEL_LEVELS_H
#define KERNEL_LEVELS_H
#include <stdint.h>

/* The greatest level that this machine can run. */
int32_t best_level(void);
#endif
