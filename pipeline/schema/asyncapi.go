package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// AsyncAPIFile is the name of the AsyncAPI document in a folder of documents.
const AsyncAPIFile = "asyncapi.json"

// Prefix is the first token of subjects, unless stream.prefix is another.
const Prefix = "engagement"

const draft = "application/schema+json;version=draft-2020-12"

// AsyncAPI is an AsyncAPI 3 document that holds the documents' schemas.
type AsyncAPI struct {
	AsyncAPI   string               `json:"asyncapi"`
	Info       info                 `json:"info"`
	Default    string               `json:"defaultContentType"`
	Servers    map[string]server    `json:"servers"`
	Channels   map[string]channel   `json:"channels"`
	Operations map[string]operation `json:"operations"`
	Components components           `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
	License     struct {
		Name string `json:"name"`
	} `json:"license"`
}

type server struct {
	Host        string `json:"host"`
	Protocol    string `json:"protocol"`
	Description string `json:"description"`
}

type channel struct {
	Address     string               `json:"address"`
	Title       string               `json:"title"`
	Description string               `json:"description,omitempty"`
	Parameters  map[string]parameter `json:"parameters,omitempty"`
	Messages    map[string]reference `json:"messages"`
}

type parameter struct {
	Description string   `json:"description"`
	Enum        []string `json:"enum,omitempty"`
}

type reference struct {
	Ref string `json:"$ref"`
}

type operation struct {
	Action  string    `json:"action"` // what ebb does: send or receive
	Channel reference `json:"channel"`
	Summary string    `json:"summary"`
}

type components struct {
	Messages map[string]message `json:"messages"`
}

type message struct {
	Name        string  `json:"name"`
	Title       string  `json:"title"`
	ContentType string  `json:"contentType,omitempty"`
	Headers     *format `json:"headers,omitempty"`
	Payload     format  `json:"payload"`
}

type format struct {
	Format string  `json:"schemaFormat"`
	Schema *Schema `json:"schema"`
}

// parameters are the tokens of subjects.
func parameters() map[string]parameter {
	return map[string]parameter{
		"customer":  {Description: "Token of the customer's id: the id itself where it is a plain token, else its base64url behind a prefix. Libraries for producers make it."},
		"level":     {Description: "The level after the change, or alert for one of the customers to act on first.", Enum: []string{"healthy", "cooling", "at_risk", "lapsed", "alert"}},
		"partition": {Description: "Partition of the customers, from 0; a customer stays in one."},
		"reason":    {Description: "Why the record was set aside, in one word."},
	}
}

var parameterPattern = regexp.MustCompile(`\{([a-z]+)\}`)

// Channels makes the AsyncAPI document of documents.
func Channels(documents []Document) *AsyncAPI {
	doc := &AsyncAPI{
		AsyncAPI: "3.0.0", Default: "application/json",
		Info: info{Title: "ebb", Version: "1", Description: "Engagement events in, rollups and signals of churn risk out, over NATS JetStream. " +
			"Subjects begin with " + Prefix + ", unless stream.prefix says otherwise. A message may come more than once: " +
			"rows with the same key are told apart by era and version, signals by their id. " +
			"Numbers of the version are those of messages' layouts; a version may add fields, which readers pass over."},
		Servers: map[string]server{"nats": {Host: "127.0.0.1:4222", Protocol: "nats",
			Description: "NATS with JetStream. Streams keep the messages: read them with a consumer, from where you left off."}},
		Channels: map[string]channel{}, Operations: map[string]operation{}, Components: components{Messages: map[string]message{}},
	}
	doc.Info.License.Name = "Apache-2.0"
	known := parameters()
	for i := range documents {
		d := &documents[i]
		name, key := channelOf(d), fmt.Sprintf("%s.v%d", d.Name, d.Version)
		m := message{Name: key, Title: d.Title, Payload: format{draft, d.Schema}}
		if d.Headers != nil {
			m.Headers = &format{draft, d.Headers}
			m.ContentType = "application/octet-stream"
		}
		doc.Components.Messages[key] = m
		c, ok := doc.Channels[name]
		if !ok {
			c = channel{Address: Prefix + "." + d.Subject, Title: d.Title, Parameters: map[string]parameter{}, Messages: map[string]reference{}}
			for _, found := range parameterPattern.FindAllStringSubmatch(d.Subject, -1) {
				c.Parameters[found[1]] = known[found[1]]
			}
			action, summary := "send", "ebb publishes "+lowerFirst(d.Title)+"."
			if d.Input {
				action, summary = "receive", "ebb reads what producers publish here."
			}
			doc.Operations[name] = operation{Action: action, Channel: reference{"#/channels/" + name}, Summary: summary}
		}
		c.Messages[key] = reference{"#/components/messages/" + key}
		doc.Channels[name] = c
	}

	return doc
}

// channelOf is the name of a document's channel.
func channelOf(d *Document) string {
	name, _, _ := strings.Cut(d.Subject, ".{")
	return strings.ReplaceAll(strings.TrimPrefix(name, "rollups."), ".", "_")
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' { // an acronym
		return s
	}

	return strings.ToLower(s[:1]) + s[1:]
}
