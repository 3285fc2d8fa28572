package main

import (
	"slices"
	"testing"
)

func TestUnheard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"no log is enabled", map[string]string{"TF_LOG_CORE": "TRACE", "TF_LOG": ""}, []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_LLMUSERS"}},
		{"a log of everything", map[string]string{"TF_LOG": "TRACE"}, nil},
		{"a log of providers", map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, nil},
		{"a file for everything", map[string]string{"TF_TEMP_LOG_PATH": "log"}, nil},
		{"a level for this provider", map[string]string{"TF_LOG_PROVIDER_LLMUSERS": "INFO"}, nil},
		{"a level for the framework", map[string]string{"TF_LOG_SDK": "TRACE"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := unheard(func(variable string) string { return test.env[variable] }); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
