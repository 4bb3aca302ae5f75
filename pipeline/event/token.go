package event

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxPlainToken is the length up to which a customer id can be its own token.
const maxPlainToken = 128

// encodedTokenMark begins the token of a customer id that can't be its own.
// No plain token begins with it.
const encodedTokenMark = '~'

// maxToken is the length of the longest token: that of the longest id, encoded.
const maxToken = 1 + (MaxCustomerBytes*8+5)/6

// ErrInvalidCustomer says that a text is no customer id.
var ErrInvalidCustomer = errors.New("invalid customer id")

// ErrInvalidToken says that a text is not the token of any customer id.
var ErrInvalidToken = errors.New("invalid customer token")

// text is what customer ids and tokens come as.
type text interface{ ~string | ~[]byte }

// CheckCustomer tells whether customer is a customer id: UTF-8, 1 to
// MaxCustomerBytes bytes, no control characters. The error wraps
// ErrInvalidCustomer.
func CheckCustomer[T text](customer T) error {
	switch {
	case len(customer) == 0:
		return fmt.Errorf("%w: it is empty", ErrInvalidCustomer)
	case len(customer) > MaxCustomerBytes:
		return fmt.Errorf("%w: it has %d bytes; use at most %d", ErrInvalidCustomer, len(customer), MaxCustomerBytes)
	case !utf8.ValidString(string(customer)):
		return fmt.Errorf("%w %q: it is not UTF-8", ErrInvalidCustomer, customer)
	case HasControl(customer):
		return fmt.Errorf("%w %q: remove the control characters", ErrInvalidCustomer, customer)
	}

	return nil
}

// CheckSomebody tells whether customer is the id of somebody: a customer id, and none
// that stands for nobody, under which no event is taken. The error wraps
// ErrInvalidCustomer.
func CheckSomebody(customer string) error {
	if err := CheckCustomer(customer); err != nil {
		return err
	}
	if id := []byte(strings.TrimPrefix(customer, AnonymousPrefix)); IsNullWord(id) || IsBlank(id) {
		return fmt.Errorf("%w %q: it stands for nobody; give the id of a customer", ErrInvalidCustomer, customer)
	}

	return nil
}

// Token is the one subject token of a customer id: the id itself where it has
// 1 to 128 characters of A-Z a-z 0-9 _ : @ + -, else "~" and the unpadded
// base64url of its bytes. Customer has to be a customer id, see CheckCustomer.
func Token[T text](customer T) string {
	if isPlainToken(customer) {
		return string(customer)
	}

	return string(AppendToken(nil, customer))
}

// AppendToken appends the token of customer to dst.
func AppendToken[T text](dst []byte, customer T) []byte {
	if isPlainToken(customer) {
		return append(dst, customer...)
	}

	return base64.RawURLEncoding.AppendEncode(append(dst, encodedTokenMark), []byte(customer))
}

// ParseToken is the customer id whose token this is. It accepts only what
// Token writes, so two tokens never name one customer. The error wraps
// ErrInvalidToken.
func ParseToken(token string) (customer string, err error) {
	if isPlainToken(token) {
		return token, nil
	}

	if token == "" || token[0] != encodedTokenMark {
		return "", fmt.Errorf("%w %s: write the customer id as \"~\" and base64url", ErrInvalidToken, Printable(token, maxToken))
	}

	if len(token) > maxToken {
		return "", fmt.Errorf("%w: it has %d bytes, the longest token %d", ErrInvalidToken, len(token), maxToken)
	}

	id, err := base64.RawURLEncoding.Strict().DecodeString(token[1:])
	if err != nil {
		return "", fmt.Errorf("%w %s: %w", ErrInvalidToken, Printable(token, maxToken), err)
	}

	if err := CheckCustomer(id); err != nil {
		return "", fmt.Errorf("%w %s: %w", ErrInvalidToken, Printable(token, maxToken), err)
	}

	// The decoder of base64 skips line ends, and an id that is its own token
	// has no second one.
	if Token(id) != token {
		return "", fmt.Errorf("%w %s: the token of this customer is %s", ErrInvalidToken, Printable(token, maxToken), Token(id))
	}

	return string(id), nil
}

// Partition is the partition of a token, from 0 to n-1: FNV-1a with 32 bits,
// modulo n, which is at least 1. The server's subject mapping partition(n, 1) gives the same.
func Partition[T text](token T, n int) int {
	return int(fnv1a(token) % uint32(n))
}

// PartitionOf is the partition of a customer id: Partition(Token(customer), n).
func PartitionOf[T text](customer T, n int) int {
	if isPlainToken(customer) {
		return Partition(customer, n)
	}

	var buffer [maxToken]byte

	return Partition(AppendToken(buffer[:0], customer), n)
}

// fnv1a is the 32-bit FNV-1a hash, http://www.isthe.com/chongo/tech/comp/fnv/.
func fnv1a[T text](s T) uint32 {
	h := uint32(2166136261)

	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}

	return h
}

func isPlainToken[T text](s T) bool {
	if len(s) == 0 || len(s) > maxPlainToken {
		return false
	}

	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '_', c == ':', c == '@', c == '+':
		default:
			return false
		}
	}

	return true
}

// HasControl reports whether UTF-8 text holds a control character: C0, DEL
// or C1.
func HasControl[T text](s T) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x20, c == 0x7f:
			return true
		case c == 0xc2 && i+1 < len(s) && s[i+1] < 0xa0:
			return true
		}
	}

	return false
}
