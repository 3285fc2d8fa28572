package provider

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// The log has one line a request and one line a listing, and nothing else.
func TestLog(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	f.openlayer.Loading = 1
	f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "a"}, {ID: "b"}, {ID: "c"}})
	f.vectara.SetUsers([]vectaratest.User{{ID: 1}, {ID: 2}, {ID: 3}})
	f.vectara.Intercept = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 2 {
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>")
		}
		return n == 2
	}
	env := f.environment()
	env[envMaxConcurrency] = "1" // so that the lines come in their order
	s := newServer(t, newTestProvider(env))
	if diagnostics := s.configure(t, `{}`); len(diagnostics) > 0 {
		t.Fatal(text(diagnostics))
	}
	path := "/inference-pipelines/" + testPipeline + "/users?page=%d&perPage=2"
	const badGateway = `HTTP 502 Bad Gateway, the body begins "<html>"`
	for _, test := range []struct {
		source, config string
		want           []map[string]any // without the duration
	}{
		{"openlayer_pipeline_users", `{"inference_pipeline_id": "` + testPipeline + `", "per_page": 2, "timeouts": {}}`, []map[string]any{
			{"@message": "Sent a request", "method": "POST", "path": fmt.Sprintf(path, 1), "status": 202.0, "try": 1.0, "users": 0.0},
			{"@message": "Sent a request", "method": "POST", "path": fmt.Sprintf(path, 1), "status": 200.0, "try": 1.0, "users": 2.0},
			{"@message": "Sent a request", "method": "POST", "path": fmt.Sprintf(path, 2), "status": 200.0, "try": 1.0, "users": 1.0},
			{"@message": "Sent a request", "method": "POST", "path": fmt.Sprintf(path, 3), "status": 200.0, "try": 1.0, "users": 0.0},
			// Once more, since it has more than one page.
			{"@message": "Sent a request", "method": "POST", "path": fmt.Sprintf(path, 1), "status": 200.0, "try": 1.0, "users": 2.0},
			{"@message": "Sent a request", "method": "POST", "path": fmt.Sprintf(path, 2), "status": 200.0, "try": 1.0, "users": 1.0},
			{"@message": "Read a listing", "pipeline": testPipeline, "users": 3.0},
		}},
		{"vectara_users", `{"num_results": 2}`, []map[string]any{
			{"@message": "Sent a request", "method": "POST", "path": "/v1/list-users", "status": 200.0, "try": 1.0, "users": 2.0},
			{"@message": "Sent a request", "method": "POST", "path": "/v1/list-users", "status": 502.0, "try": 1.0, "users": 0.0, "error": badGateway},
			{"@message": "Sent a request", "method": "POST", "path": "/v1/list-users", "status": 200.0, "try": 2.0, "users": 1.0},
			{"@message": "Sent a request", "method": "POST", "path": "/v1/list-users", "status": 200.0, "try": 1.0, "users": 2.0},
			{"@message": "Sent a request", "method": "POST", "path": "/v1/list-users", "status": 200.0, "try": 1.0, "users": 1.0},
			{"@message": "Read a listing", "version": "v1", "users": 3.0},
		}},
	} {
		var log bytes.Buffer
		if _, response := s.read(tflogtest.RootLogger(t.Context(), &log), t, test.source, test.config); hasError(response.Diagnostics) {
			t.Fatal(text(response.Diagnostics))
		}
		lines, err := tflogtest.MultilineJSONDecode(&log)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range lines {
			if line["@level"] != "debug" {
				t.Errorf("%s: the level of line %d is %v", test.source, i+1, line["@level"])
			}
			if _, ok := line["duration_ms"].(float64); !ok && line["@message"] == "Sent a request" {
				t.Errorf("%s: line %d has no duration: %v", test.source, i+1, line)
			}
			for _, field := range []string{"@level", "@module", "@timestamp", "@caller", "duration_ms"} {
				delete(line, field)
			}
		}
		if !reflect.DeepEqual(lines, test.want) {
			t.Errorf("%s: got", test.source)
			for _, line := range lines {
				t.Error(line)
			}
		}
	}
}
