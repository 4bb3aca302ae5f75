package simulate

import (
	"encoding/json"
	"math"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/vocabulary"
)

// told is an event with the properties that the simulator gives.
type told struct {
	event.Event
	class      vocabulary.Class
	typ        string
	channel    string
	customer   string
	session    string
	device     string
	campaign   string
	message    string
	product    string
	currency   string
	properties struct {
		Variant     string
		Survey      string
		Issue       string
		GoalReached *bool `json:"goal_reached"`
	}
}

// sound are the events of a simulation that are neither garbage nor copies.
func soundEvents(t *testing.T, s *Simulator) []told {
	t.Helper()
	vocab, decoder := vocabulary.DefaultVocabulary(), native.NewDecoder(0)
	var all []told
	for _, item := range drain(s) {
		if item.Garbage || item.Duplicate {
			continue
		}
		e := told{customer: item.Customer}
		if err := decoder.Decode(item.Body, &e.Event); err != nil {
			t.Fatalf("%v: %s", err, item.Body)
		}
		class, err := vocab.Classify(&e.Event)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Properties) > 0 {
			if err := json.Unmarshal(e.Properties, &e.properties); err != nil {
				t.Fatalf("%v: %s", err, item.Body)
			}
		}
		e.class, e.typ, e.channel = class, string(e.Type), string(e.Channel)
		e.session, e.device, e.campaign, e.message = string(e.Session), string(e.Device), string(e.Campaign), string(e.Message)
		e.product, e.currency = string(e.Product), string(e.Currency)
		all = append(all, e)
	}

	return all
}

// What the simulation is for: its events are many, so one serves all.
func TestWhatCustomersDo(t *testing.T) {
	s := newSimulator(t, func(c *Config) { c.Customers, c.End = 1500, c.Start.AddDate(0, 0, 75) })
	all := soundEvents(t, s)
	t.Run("rates", func(t *testing.T) { ratesAreThoseThatWereTold(t, all, s.Facts()) })
	t.Run("types", func(t *testing.T) { everyTypeComes(t, all) })
	t.Run("surveys", func(t *testing.T) { surveysHaveTheirScales(t, all) })
	t.Run("stories", func(t *testing.T) { storiesHangTogether(t, all) })
}

// What counts events finds what Facts tells, and chance keeps to what it was told.
func ratesAreThoseThatWereTold(t *testing.T, all []told, facts Facts) {
	type arm struct{ campaign, variant string }
	counted := map[arm]*CampaignFacts{}
	var nps SurveyFacts
	var mail, opens, clicks int
	for i := range all {
		e := &all[i]
		key := arm{e.campaign, e.properties.Variant}
		if e.message != "" && e.typ != "order.completed" && counted[key] == nil {
			counted[key] = &CampaignFacts{Campaign: key.campaign, Variant: key.variant}
		}
		switch {
		case e.Machine && e.typ == "email.opened":
			opens++
		case e.Machine:
			clicks++
		case e.typ == "message.delivered":
			counted[key].Delivered++
			if e.channel == "email" {
				mail++
			}
		case e.typ == "email.opened" || e.typ == "message.read":
			counted[key].Opened++
		case e.typ == "email.clicked" || e.typ == "message.clicked":
			counted[key].Clicked++
		case e.typ == "survey.answered" && e.properties.Survey == "nps":
			nps.Answers++
			if e.Score >= 9 {
				nps.Promoters++
			} else if e.Score <= 6 {
				nps.Detractors++
			}
		}
	}
	near := func(what string, got int, want float64) {
		t.Helper()
		if math.Abs(float64(got)-want) > 4*math.Sqrt(want)+1 {
			t.Errorf("%s: %d, told to be %.1f", what, got, want)
		}
	}

	if len(facts.Campaigns) != len(counted) || len(counted) < 16 {
		t.Errorf("%d campaigns and arms told of, %d counted; want 16 or more", len(facts.Campaigns), len(counted))
	}
	var arms [3]CampaignFacts // none, A and B
	for _, c := range facts.Campaigns {
		want := *counted[arm{c.Campaign, c.Variant}]
		want.ClicksExpected = c.ClicksExpected
		if c != want {
			t.Errorf("told %+v, counted %+v", c, want)
		}
		near(c.Campaign+c.Variant, c.Clicked, c.ClicksExpected)
		sum := &arms[map[string]int{"": 0, "A": 1, "B": 2}[c.Variant]]
		sum.Delivered += c.Delivered
		sum.Opened += c.Opened
		sum.Clicked += c.Clicked
		sum.ClicksExpected += c.ClicksExpected
	}
	near("arm A", arms[1].Clicked, arms[1].ClicksExpected)
	near("arm B", arms[2].Clicked, arms[2].ClicksExpected)
	rate := func(c CampaignFacts) float64 { return float64(c.Clicked) / float64(c.Delivered) }
	if lift := rate(arms[2]) / rate(arms[1]); math.Abs(lift-armBClicks) > 0.2 {
		t.Errorf("arm B is clicked %.2f times as often as A, told to be %v", lift, armBClicks)
	}

	nps.PromotersExpected, nps.DetractorsExpected = facts.NPS.PromotersExpected, facts.NPS.DetractorsExpected
	if nps != facts.NPS || nps.Answers < 100 {
		t.Errorf("told %+v, counted %+v", facts.NPS, nps)
	}
	near("promoters", nps.Promoters, nps.PromotersExpected)
	near("detractors", nps.Detractors, nps.DetractorsExpected)

	if mail != facts.Delivered || opens != facts.MachineOpens || clicks != facts.MachineClicks {
		t.Errorf("%d mails, %d opened and %d clicked by machines; told %+v", mail, opens, clicks, facts)
	}
	near("scanned", opens, facts.MachineOpenRate*float64(mail)) // but for those to the lost
	near("followed", clicks, followed*float64(opens))
}
