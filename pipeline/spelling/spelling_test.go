package spelling_test

import (
	"slices"
	"testing"

	"ebb/pipeline/spelling"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"wbe", "web", 1}, {"ab", "ba", 1}, {"web", "web", 0},
	} {
		if got := spelling.Distance(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"email", "web", "wed", "app"}
	for _, c := range []struct {
		word string
		most int
		want string
	}{
		{"web", 0, "web"}, {"wbe", 0, ""}, {"wbe", 1, "web"}, {"weg", 1, "web"}, {"store", 2, ""}, {"mail", 2, "email"},
	} {
		if got := spelling.Nearest(c.word, names, c.most); got != c.want {
			t.Errorf("%s within %d: %q, want %q", c.word, c.most, got, c.want)
		}
	}
}

func TestNear(t *testing.T) {
	names := []string{"levels", "late", "kind", "model_quality"}
	for _, c := range []struct {
		word string
		most int
		want []string
	}{
		{"lat", 1, []string{"late"}}, {"quality", 2, []string{"model_quality"}}, {"level_late", 0, []string{"late"}},
		{"lave", 3, []string{"late", "levels"}}, {"", 1, nil}, {"zzzzzz", 2, nil},
	} {
		if got := spelling.Near(c.word, names, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%s within %d: %q, want %q", c.word, c.most, got, c.want)
		}
	}
}
