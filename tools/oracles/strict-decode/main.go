// Command strict-decode says what Kubernetes itself makes of objects and quantities, as an oracle for tests.
//
// With the argument `objects` each line of the input is an object in YAML or JSON; the answer is a line with the error of
// the strict decoder, or an empty line. As with kubectl, what it gets was YAML before. With `quantities` each line is a quantity; the answer is its canonical form, or `!`.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	var answer func(string) string
	switch {
	case len(os.Args) == 2 && os.Args[1] == "objects":
		answer = objects()
	case len(os.Args) == 2 && os.Args[1] == "quantities":
		answer = quantity
	default:
		fmt.Fprintln(os.Stderr, "usage: strict-decode objects|quantities")
		os.Exit(2)
	}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64<<20)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for input.Scan() {
		fmt.Fprintln(output, answer(input.Text()))
	}
}

func objects() func(string) string {
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme,
	} {
		if err := add(known); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	decoder := serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
	return func(line string) string {
		object, err := yaml.YAMLToJSONStrict([]byte(line))
		if err == nil {
			_, _, err = decoder.Decode(object, nil, nil)
		}
		if err == nil {
			return ""
		}
		return strings.ReplaceAll(err.Error(), "\n", " ")
	}
}

func quantity(line string) string {
	parsed, err := resource.ParseQuantity(line)
	if err != nil {
		return "!"
	}
	// Copied through its parts, so that the answer isn't the text that was parsed.
	copied := parsed.DeepCopy()
	copied.Add(resource.Quantity{})
	return copied.String()
}
