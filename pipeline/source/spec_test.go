package source

import (
	"strings"
	"testing"
	"time"
)

func TestParseEntry(t *testing.T) {
	s, err := ParseEntry("orders;stream=ORDERS;subjects=orders.eu.>|orders.us.*;from=2026-05-04;format=segment;constants=channel:store|currency:EUR;" +
		"url=tls://a:4222|tls://b:4222;credentials=/etc/ebb/orders.creds;domain=hub")
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "orders" || s.Stream != "ORDERS" || len(s.Subjects) != 2 || s.Format != "segment" || s.Constant["channel"] != "store" ||
		!s.From.At.Equal(time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)) || s.Account.URL != "tls://a:4222,tls://b:4222" || s.Account.Domain != "hub" {
		t.Errorf("%+v", s)
	}
	core, err := ParseEntry("clicks;core=shop.clicks.>;format=auto")
	if err != nil || !core.Core || core.Place() != "shop.clicks.>" {
		t.Errorf("%+v, %v", core, err)
	}
}

// Each refusal names the source, the key, the value and what to write instead.
func TestParseEntryRefuses(t *testing.T) {
	for entry, want := range map[string]string{
		"":                                      `name is "": use 1 to 64 letters`,
		"a b;stream=S":                          `name is "a b"`,
		"a":                                     `stream is "": name a JetStream stream`,
		"a;stream=S.x":                          `stream is "S.x"`,
		"a;strem=S":                             `a: strem is not known; did you mean stream?`,
		"a;qqqqqqqqqq=S":                        `a: qqqqqqqqqq is not known; use one of name, stream`,
		"a;stream":                              `a has "stream"; write key=value`,
		"a;stream=S;from=yesterday":             `a: from is "yesterday"; write beginning, new, or a time`,
		"a;stream=S;format=segmet":              `format is "segmet"; did you mean "segment"?`,
		"a;stream=S;mapping=m.yaml;format=auto": `format is "auto": leave it out beside mapping`,
		"a;stream=S;subjects=a..b":              `subjects is "a..b": write a subject such as orders.>`,
		"a;stream=S;subjects=>.a":               `subjects is ">.a"`,
		"a;stream=S;core=x":                     `core is "x": leave it out beside stream`,
		"a;core=x;from=2026-05-04":              `core subjects have no past`,
		"a;stream=S;constants=kiosk":            `constants is "kiosk"; write field:value`,
		"a;stream=S;constants=customer:x":       `constants is "customer": give one of [channel`,
		"a;stream=S;constants=currency:euros":   `constants currency is "euros": use a code of ISO 4217`,
		"a;stream=S;credentials=f":              `url is "": name the server of this account`,
		"a;stream=S;url=u;credentials=f;user=x;password_file=p": `credentials is "f": set only one of`,
		"a;stream=S;url=u;user=x":                               `password_file is "": name the file`,
	} {
		_, err := ParseEntry(entry)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", entry, err, want)
		}
	}
	if err := ValidateAll([]Spec{{Name: "a", Stream: "A"}, {Name: "a", Stream: "B"}}); err == nil || !strings.Contains(err.Error(), "there twice") {
		t.Errorf("the same name twice: %v", err)
	}
}
