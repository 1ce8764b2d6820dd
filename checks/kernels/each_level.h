/* Compiles the file that HOT names once for every set of instructions, each function of it under AT(its name).
 * EACH_LEVEL(of) then lists of(plain), of(avx2), of(avx512): as many as this compiler and machine type can have. */
#include "levels.h"

#define AT(name) name##_plain
#include HOT
#undef AT

#undef EACH_LEVEL
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,lzcnt,popcnt")
#define AT(name) name##_avx2
#include HOT
#undef AT
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,bmi,bmi2,lzcnt,popcnt,prefer-vector-width=512")
#define AT(name) name##_avx512
#include HOT
#undef AT
#pragma GCC pop_options
#define EACH_LEVEL(of) of(plain), of(avx2), of(avx512)
#else
#define EACH_LEVEL(of) of(plain)
#endif
#undef HOT
