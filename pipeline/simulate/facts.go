package simulate

import (
	"cmp"
	"math"
	"slices"
)

// Facts are rates that the simulation was told to have, beside what was drawn by
// them: whatever counts its events can be held against both. They are of what has
// been handed out, without copies and garbage.
type Facts struct {
	Campaigns []CampaignFacts // newsletters and offers by arm, in order
	NPS       SurveyFacts

	Delivered       int // mail alone, of machines nothing
	MachineOpens    int
	MachineClicks   int
	MachineOpenRate float64 // what it was told to be, of delivered mail
}

// CampaignFacts is one arm of a campaign.
type CampaignFacts struct {
	Campaign  string // as in events
	Variant   string // A or B; empty without arms
	Delivered int
	Opened    int // by people
	Clicked   int

	// ClicksExpected is the sum of the chances that who got it clicks.
	ClicksExpected float64
}

// SurveyFacts are the answers to how likely one is to recommend.
type SurveyFacts struct {
	Answers            int
	Promoters          int // 9 and 10
	Detractors         int // 0 to 6
	PromotersExpected  float64
	DetractorsExpected float64
}

// tally counts what Facts tells.
type tally struct {
	arms map[armKey]*CampaignFacts
	Facts
}

type armKey struct {
	series   series
	campaign uint32
	variant  uint8
}

// add counts an event that is handed out.
func (t *tally) add(f *happening) {
	if f.duplicate || f.spoiled != sound {
		return
	}
	switch f.topic {
	case surveyAnswered:
		t.NPS.add(f)
	case messageDelivered, emailOpened, messageRead, emailClicked, messageClicked:
		t.message(f)
	default:
	}
}

func (t *tally) message(f *happening) {
	if f.machine {
		if f.topic == emailOpened {
			t.MachineOpens++
		} else {
			t.MachineClicks++
		}

		return
	}
	if t.arms == nil {
		t.arms = make(map[armKey]*CampaignFacts)
	}
	key := armKey{f.series, f.campaign, f.variant}
	if t.arms[key] == nil {
		t.arms[key] = &CampaignFacts{}
	}
	arm := t.arms[key]
	switch f.topic {
	case messageDelivered:
		arm.Delivered++
		arm.ClicksExpected += f.truth
		if f.channel == email {
			t.Delivered++
		}
	case emailOpened, messageRead:
		arm.Opened++
	default:
		arm.Clicked++
	}
}

func (s *SurveyFacts) add(f *happening) {
	if f.question != recommend {
		return
	}
	s.Answers++
	switch {
	case f.number >= 9:
		s.Promoters++
	case f.number <= 6:
		s.Detractors++
	}
	below := func(x float64) float64 { return 0.5 * math.Erfc((f.truth-x)/(answerSpread*math.Sqrt2)) }
	s.PromotersExpected += 1 - below(8.5)
	s.DetractorsExpected += below(6.5)
}

// Facts are those up to now.
func (s *Simulator) Facts() Facts {
	facts := s.facts.Facts
	facts.MachineOpenRate = scanned
	for key, arm := range s.facts.arms {
		named := *arm
		named.Campaign = s.encoder.campaign(key.series, key.campaign)
		named.Variant = [...]string{"", "A", "B"}[key.variant]
		facts.Campaigns = append(facts.Campaigns, named)
	}
	slices.SortFunc(facts.Campaigns, func(a, b CampaignFacts) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Variant, b.Variant))
	})

	return facts
}
