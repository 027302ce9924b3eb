// Command yaml-scalars says what Kubernetes' YAML reader makes of scalars.
//
// It reads one JSON string a line: the text of a scalar as it would stand in a file, tag and quotes included. For each
// it prints one JSON object: "value" is what "v: SCALAR" becomes in JSON, "key" what the key of "? SCALAR : 0"
// becomes: an empty value and a null key where the reader refuses the document.

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	// Value is the value as JSON text, empty if refused.
	Value string `json:"value"`
	// Key is the key's text; absent if refused.
	Key *string `json:"key"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var scalar string
		if err := json.Unmarshal(lines.Bytes(), &scalar); err != nil {
			fmt.Fprintln(os.Stderr, "not a JSON string:", err)
			os.Exit(1)
		}
		line, err := json.Marshal(answer{Value: value(scalar), Key: key(scalar)})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, string(line))
	}
}

func value(scalar string) string {
	converted, err := yaml.YAMLToJSON([]byte("v: " + scalar + "\n"))
	if err != nil {
		return ""
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(converted, &fields) != nil {
		return ""
	}
	return string(fields["v"])
}

func key(scalar string) *string {
	converted, err := yaml.YAMLToJSON([]byte("? " + scalar + "\n: 0\n"))
	if err != nil {
		return nil
	}
	var fields map[string]int
	if json.Unmarshal(converted, &fields) != nil || len(fields) != 1 {
		return nil
	}
	for name := range fields {
		return &name
	}
	return nil
}
