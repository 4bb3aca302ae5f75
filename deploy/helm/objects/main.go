// Command objects reads what helm template has rendered, and holds every object against
// the types of Kubernetes and of the Prometheus operator: a field that they don't know, one
// that stands twice and a value of another type are errors, which the API server would
// refuse or, worse, leave out.
//
// It is a module of its own, so that ebb depends on none of it. Of what they may hold, the
// types know less than the API server: it says what is wrong with a name.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	if err := check(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check says which objects there are, and fails with all that are wrong, and where two
// have one name.
func check(rendered io.Reader, to io.Writer) error {
	types := runtime.NewScheme()
	if err := errors.Join(scheme.AddToScheme(types), monitoring.AddToScheme(types)); err != nil {
		return err
	}
	decoder := serializer.NewCodecFactory(types, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(rendered))
	seen := make(map[string]bool)
	var wrong []error
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the objects: %w", err)
		}
		content, err := yaml.ToJSON(document)
		if err != nil {
			return fmt.Errorf("read the objects: %w\n%s", err, document)
		}
		if string(content) == "null" { // a template that is switched off
			continue
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%w\n%s", err, document))

			continue
		}
		about, err := meta.Accessor(object)
		if err != nil {
			return err
		}
		name := kind.Kind + " " + about.GetName()
		if seen[name] || about.GetName() == "" {
			wrong = append(wrong, fmt.Errorf("%s: a second one, or without a name", name))
		}
		seen[name] = true
		fmt.Fprintf(to, "%s (%s)\n", name, kind.GroupVersion())
	}
	if len(seen) == 0 && len(wrong) == 0 {
		return errors.New("no objects: give what helm template has rendered on standard input")
	}

	return errors.Join(wrong...)
}
