package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"ebb/pipeline/shard"
)

// A report says that a signal is held while the feed is silent, and until when
// once it is back; the next crossing is one that will come.
func TestInspectSaysWhatIsHeld(t *testing.T) {
	config := holdingConfig()
	m := newMemory()
	begin := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	traffic := func(from, until time.Duration) {
		for at := from; at < until; at += 2 * time.Minute {
			m.append(liveRecord(config, fmt.Sprintf("c%d", at/(2*time.Minute)%100), "page.pinged", begin.Add(at)))
		}
	}
	const day = 24 * time.Hour
	outage, found := 15*day+4*time.Hour, 15*day+5*time.Hour+5*time.Minute
	back := 15*day + 12*time.Hour
	graceEnd := back + 10*time.Minute + time.Hour
	at := func(span time.Duration) int64 { return begin.Add(span).UnixMilli() }

	traffic(0, 14*day+20*time.Hour)
	m.append(liveRecord(config, "ann", "page.pinged", begin.Add(14*day+20*time.Hour)))
	traffic(14*day+20*time.Hour, outage)
	look := func(when time.Duration) *shard.CustomerReport {
		passes(m, config, "ann", at(when))

		return inspectAll(t, m, config, "ann")
	}
	if r := look(found - time.Minute); r.Unheard != nil || r.Next == nil || r.Next.Level != "cooling" {
		t.Errorf("before the silence is found: %+v, next %+v", r.Unheard, r.Next)
	}
	if r := look(found); r.Unheard == nil || *r.Unheard != (shard.Unheard{Silent: true, Since: at(outage)}) || r.Next != nil {
		t.Errorf("found: %+v, next %+v", r.Unheard, r.Next)
	}
	if r := look(back); r.Level != "healthy" || *r.Unheard != (shard.Unheard{Held: true, Silent: true, Since: at(outage)}) || r.Next != nil {
		t.Errorf("held: %s, %+v, next %+v", r.Level, r.Unheard, r.Next)
	}

	traffic(back+2*time.Minute, graceEnd)
	r := look(graceEnd - 1)
	if *r.Unheard != (shard.Unheard{Held: true, Until: at(graceEnd)}) || r.Next == nil || r.Next.At != at(graceEnd) || r.Next.Level != "cooling" {
		t.Errorf("back: %+v, next %+v", r.Unheard, r.Next)
	}
	if r := look(graceEnd); r.Unheard != nil || r.Level != "cooling" || r.History[0].At != at(graceEnd) {
		t.Errorf("at the end of the grace: %s, %+v", r.Level, r.Unheard)
	}
}

// Of a channel that is silent, the report names it.
func TestInspectNamesTheSilentChannel(t *testing.T) {
	config := holdingConfig()
	m := newMemory()
	begin := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	const day, outage = 24 * time.Hour, 15 * 24 * time.Hour
	for at := time.Duration(0); at < outage+6*time.Hour; at += 2 * time.Minute {
		m.append(liveRecord(config, fmt.Sprintf("web%d", at/(2*time.Minute)%100), "page.pinged", begin.Add(at)))
		if at < outage {
			m.append(liveRecord(config, fmt.Sprintf("mail%d", at/(2*time.Minute)%100), "email.clicked", begin.Add(at)))
		}
	}
	if r := inspectAll(t, m, config, "mail1"); r.Unheard == nil || r.Unheard.Channel != "email" || r.Unheard.Since != begin.Add(outage).UnixMilli() {
		t.Errorf("by email: %+v", r.Unheard)
	}
	if r := inspectAll(t, m, config, "web1"); r.Unheard != nil {
		t.Errorf("by web: %+v", r.Unheard)
	}
}
