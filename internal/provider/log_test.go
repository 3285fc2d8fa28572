package provider

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// The log has a line for each request, a line for each listing, and no other lines. The guide Troubleshooting explains
// the fields.
func TestLog(t *testing.T) {
	t.Parallel()
	const (
		path       = "/inference-pipelines/" + testPipeline + "/users?page=%d&perPage=2"
		badGateway = `HTTP 502 Bad Gateway, the body begins "<html>"`
	)
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	_, explained, _ := strings.Cut(string(page), "\n## What the provider logs\n")
	sent := func(method, path string, status, attempt, users int, more ...any) map[string]any {
		line := map[string]any{"@message": "Sent a request", "method": method, "path": path, "status": float64(status), "attempt": float64(attempt), "users": float64(users)}
		for i := 0; i < len(more); i += 2 {
			line[more[i].(string)] = more[i+1]
		}
		return line
	}
	tests := map[string]struct {
		size  string
		lines []map[string]any // without the duration
	}{
		"openlayer_pipeline_users": {`"per_page": 2`, []map[string]any{
			sent("POST", fmt.Sprintf(path, 1), 202, 1, 0, "error", "HTTP 202 Accepted"),
			sent("POST", fmt.Sprintf(path, 1), 200, 2, 2),
			sent("POST", fmt.Sprintf(path, 2), 200, 1, 1),
			// The provider confirms the end of the listing, and makes a second pass, because the listing has two pages.
			sent("POST", fmt.Sprintf(path, 2), 200, 1, 1),
			sent("POST", fmt.Sprintf(path, 3), 200, 1, 0),
			sent("POST", fmt.Sprintf(path, 1), 200, 1, 2),
			sent("POST", fmt.Sprintf(path, 2), 200, 1, 1),
			sent("POST", fmt.Sprintf(path, 3), 200, 1, 0),
			{"@message": "Read a listing", "pipeline": testPipeline, "users": 3.0},
		}},
		"vectara_users v1": {`"num_results": 2`, []map[string]any{
			sent("POST", "/v1/list-users", 200, 1, 2),
			sent("POST", "/v1/list-users", 502, 1, 0, "error", badGateway),
			sent("POST", "/v1/list-users", 200, 2, 1),
			sent("POST", "/v1/list-users", 200, 1, 2),
			sent("POST", "/v1/list-users", 200, 1, 1),
			{"@message": "Read a listing", "version": "v1", "users": 3.0},
		}},
		"vectara_users v2": {`"num_results": 2`, []map[string]any{
			sent("GET", "/v2/users?limit=2", 200, 1, 2),
			sent("GET", "/v2/users?limit=2&page_key=...", 502, 1, 0, "error", badGateway),
			sent("GET", "/v2/users?limit=2&page_key=...", 200, 2, 1),
			sent("GET", "/v2/users?limit=2", 200, 1, 2),
			sent("GET", "/v2/users?limit=2&page_key=...", 200, 1, 1),
			{"@message": "Read a listing", "version": "v2", "users": 3.0},
		}},
	}
	for name, want := range tests {
		eachListing(t, name, func(t *testing.T, l testListing, kind string) {
			f := newFakes(t)
			f.openlayer.SetUsers(testPipeline, exampleUsers()[:3])
			f.vectara.SetUsers(exampleTeam()[:3])
			f.openlayer.Loading = 1
			f.vectara.Intercept = func(w http.ResponseWriter, _ *http.Request, n int) bool {
				if n == 2 {
					w.WriteHeader(http.StatusBadGateway)
					fmt.Fprint(w, "<html>")
				}
				return n == 2
			}
			env := l.fakeEnvironment(f)
			env[envMaxConcurrency] = "1" // so that fewer pages are prefetched
			s := newServer(t, newTestProvider(env))
			s.configure(t, `{}`)
			var log bytes.Buffer
			if _, diagnostics := s.readAs(tflogtest.RootLogger(t.Context(), &log), t, kind, l.typeName, l.with(want.size)); len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			lines, err := tflogtest.MultilineJSONDecode(&log)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range lines {
				if line["@level"] != "debug" {
					t.Errorf("the level of line %d is %v", i+1, line["@level"])
				}
				if _, ok := line["duration_ms"].(float64); !ok && line["@message"] == "Sent a request" {
					t.Errorf("line %d has no duration: %v", i+1, line)
				}
				if path, ok := line["path"].(string); ok {
					line["path"] = pageKey.ReplaceAllString(path, "page_key=...")
				}
				for _, field := range []string{"@level", "@module", "@timestamp", "@caller", "duration_ms"} {
					delete(line, field)
				}
			}
			// The order of requests may vary.
			byText := func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
			slices.SortFunc(lines, byText)
			wanted := slices.SortedFunc(slices.Values(want.lines), byText)
			if !reflect.DeepEqual(lines, wanted) {
				t.Error("the log has these lines:")
				for _, line := range lines {
					t.Error(line)
				}
			}
			for _, line := range lines {
				for field := range line {
					if field != "@message" && !strings.Contains(explained, "`"+field+"`") {
						t.Errorf("the guide Troubleshooting does not explain %s", field)
					}
				}
			}
		})
	}
	for _, field := range regexp.MustCompile(` (\w+)=(\d|POST|"HTTP)`).FindAllStringSubmatch(explained, -1) {
		if field[1] != "duration_ms" && field[1] != "pipeline" && tests["openlayer_pipeline_users"].lines[0][field[1]] == nil {
			t.Errorf("the guide Troubleshooting shows a line with %s, but no line of the log has it", field[1])
		}
	}
}

var pageKey = regexp.MustCompile(`page_key=[^&]+`)
