package event

import (
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// customerID draws customer ids of every form.
var customerID = rapid.OneOf(
	rapid.StringMatching(`[A-Za-z0-9_:@+\-]{1,140}`),
	rapid.StringMatching(`[A-Za-z0-9_:@+\-~.* >/=]{1,20}`),
	rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }), 1, -1, MaxCustomerBytes),
)

var legalToken = regexp.MustCompile(`^[A-Za-z0-9_:@+~-]+$`)

// checkToken checks what holds for every customer id.
func checkToken(t interface {
	Helper()
	Fatalf(string, ...any)
}, id string) string {
	t.Helper()

	token := Token(id)

	if string(AppendToken([]byte("x."), []byte(id))) != "x."+token || Token([]byte(id)) != token {
		t.Fatalf("%q: the forms of Token differ", id)
	}

	// Narrower than what the server takes as one literal token of a subject:
	// anything but white space, "." and the wildcards.
	if !legalToken.MatchString(token) || len(token) > maxToken {
		t.Fatalf("%q: %q is no token of a subject", id, token)
	}

	for _, n := range []int{1, 7, 16, 4096} {
		hash := fnv.New32a()
		hash.Write([]byte(token))
		want := int(hash.Sum32() % uint32(n))

		if Partition(token, n) != want || PartitionOf(id, n) != want || PartitionOf([]byte(id), n) != want {
			t.Fatalf("%q: partition %d of %d, want %d", id, PartitionOf(id, n), n, want)
		}
	}

	return token
}

func TestTokenRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := customerID.Draw(t, "id")

		if err := CheckCustomer(id); err != nil {
			t.Fatalf("%q: %v", id, err)
		}

		back, err := ParseToken(checkToken(t, id))
		if err != nil || back != id {
			t.Fatalf("%q: came back as %q, error %v", id, back, err)
		}
	})
}

// FuzzToken checks from both ends: that a token is the only one of its
// customer, and that every customer id has one.
func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "c-1", "~", "~YQ", "~w6k", "~w6l", "~w6", "é", "a.b", "~YS5i", "~YS5i\n", strings.Repeat("x", 128), strings.Repeat("x", 129), "a b", "\x00", "\xff", "\u0085"} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseToken(s); err == nil {
			if Token(id) != s || CheckCustomer(id) != nil {
				t.Fatalf("%q: is a token of %q, whose token is %q", s, id, Token(id))
			}
		} else if !errors.Is(err, ErrInvalidToken) {
			t.Fatalf("%q: error %v", s, err)
		}

		valid := len(s) >= 1 && len(s) <= 256 && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
		if err := CheckCustomer(s); valid != (err == nil) || !valid && !errors.Is(err, ErrInvalidCustomer) {
			t.Fatalf("%q: error %v, want valid %v", s, err, valid)
		}

		if !valid {
			return
		}

		if id, err := ParseToken(checkToken(t, s)); err != nil || id != s {
			t.Fatalf("%q: came back as %q, error %v", s, id, err)
		}
	})
}

func TestParseTokenRefuses(t *testing.T) {
	for _, c := range []struct{ token, why string }{
		{"", "it is empty"},
		{"a.b", "not a plain token"},
		{"é", "not a plain token"},
		{strings.Repeat("x", 129), "too long for a plain token"},
		{"~", "stands for the empty id"},
		{"~YWJj", "abc is its own token"},
		{"~YS5i\n", "base64 with a line end"},
		{"~YS5i=", "base64 with padding"},
		{"~YS5j/", "base64, but not the URL alphabet"},
		{"~w6l", "base64 with bits left over"},
		{"~_w", "not UTF-8"},
		{"~AA", "a control character"},
		{"~" + strings.Repeat("LkFB", 86), "longer than any id"},
	} {
		if id, err := ParseToken(c.token); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("%q (%s): %q, error %v", c.token, c.why, id, err)
		}
	}
}

func TestTokenAllocatesNothing(t *testing.T) {
	for _, id := range []string{"c-000123", "Zoë Ängström", strings.Repeat("ä", 128)} {
		customer, buffer := []byte(id), make([]byte, 0, maxToken)

		if n := testing.AllocsPerRun(100, func() {
			PartitionOf(customer, 16)
			AppendToken(buffer, customer)
		}); n != 0 {
			t.Errorf("%s: %v allocations", id, n)
		}
	}
}

func ExampleToken() {
	for _, customer := range []string{"c-000123", "anonymous:a1", "zoe@example.com", "Zoë", "~x"} {
		token := Token(customer)
		fmt.Println(customer, "engagement.events."+token, Partition(token, 16))
	}
	// Output:
	// c-000123 engagement.events.c-000123 1
	// anonymous:a1 engagement.events.anonymous:a1 2
	// zoe@example.com engagement.events.~em9lQGV4YW1wbGUuY29t 3
	// Zoë engagement.events.~Wm_Dqw 6
	// ~x engagement.events.~fng 2
}

func ExampleParseToken() {
	customer, err := ParseToken("~Wm_Dqw")
	fmt.Println(customer, err)

	_, err = ParseToken("~YWJj")
	fmt.Println(err)
	// Output:
	// Zoë <nil>
	// invalid customer token ~YWJj: the token of this customer is abc
}

// What stands for nobody is nobody to forget: refused events of all who have no id name it.
func TestCheckSomebody(t *testing.T) {
	for _, nobody := range []string{"", " ", "null", "undefined", "\u200b", "anonymous:", "anonymous:null", "a\n", "\xff"} {
		if err := CheckSomebody(nobody); !errors.Is(err, ErrInvalidCustomer) {
			t.Errorf("%q: %v", nobody, err)
		}
	}
	for _, somebody := range []string{"c-17", "none", "anonymous:a1", "zoë"} {
		if err := CheckSomebody(somebody); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckCustomer(t *testing.T) {
	for _, c := range []struct{ customer, want string }{
		{"", "invalid customer id: it is empty"},
		{strings.Repeat("x", 257), "invalid customer id: it has 257 bytes; use at most 256"},
		{"a\xff", `invalid customer id "a\xff": it is not UTF-8`},
		{"a\u0085b", `invalid customer id "a\u0085b": remove the control characters`},
	} {
		if err := CheckCustomer([]byte(c.customer)); !errors.Is(err, ErrInvalidCustomer) || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.customer, err, c.want)
		}
	}

	if err := CheckCustomer(strings.Repeat("x", 256)); err != nil {
		t.Error(err)
	}
}
