#include "textflag.h"

// Sixteen bytes each: a double quote, a backslash, what is above printable ASCII and not
// negative, and what is right below it.
DATA quote<>+0(SB)/8, $0x2222222222222222
DATA quote<>+8(SB)/8, $0x2222222222222222
GLOBL quote<>(SB), RODATA|NOPTR, $16
DATA backslash<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA backslash<>+8(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL backslash<>(SB), RODATA|NOPTR, $16
DATA above<>+0(SB)/8, $0x7f7f7f7f7f7f7f7f
DATA above<>+8(SB)/8, $0x7f7f7f7f7f7f7f7f
GLOBL above<>(SB), RODATA|NOPTR, $16
DATA below<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA below<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL below<>(SB), RODATA|NOPTR, $16

// SIXTEEN looks at the bytes from a place on: a bit of quotes is set for each double quote.
// X5 keeps 0xff of each byte that is above what is below printable ASCII, as signed
// numbers, and X6 of those that may not be there. It is SSE2, which every amd64 has.
#define SIXTEEN(at, quotes) \
	MOVOU at(SI), X0; \
	MOVO X0, X1; \
	PCMPEQB X8, X1; \
	PMOVMSKB X1, quotes; \
	MOVO X0, X2; \
	PCMPEQB X9, X2; \
	POR X2, X6; \
	MOVO X0, X3; \
	PCMPEQB X10, X3; \
	POR X3, X6; \
	PCMPGTB X11, X0; \
	PAND X0, X5

// func scan(b *[64]byte) (quotes, wrong uint64)
TEXT ·scan(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ b+0(FP), SI
	MOVOU quote<>(SB), X8
	MOVOU backslash<>(SB), X9
	MOVOU above<>(SB), X10
	MOVOU below<>(SB), X11
	PCMPEQB X5, X5
	PXOR X6, X6
	SIXTEEN(0, AX)
	SIXTEEN(16, BX)
	SIXTEEN(32, CX)
	SIXTEEN(48, DX)
	SHLQ $16, BX
	SHLQ $32, CX
	SHLQ $48, DX
	ORQ BX, AX
	ORQ CX, AX
	ORQ DX, AX
	MOVQ AX, quotes+8(FP)
	PMOVMSKB X5, AX
	PMOVMSKB X6, BX
	XORQ $0xffff, AX
	ORQ BX, AX
	MOVQ AX, wrong+16(FP)
	RET
