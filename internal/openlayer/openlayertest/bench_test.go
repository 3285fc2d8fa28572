package openlayertest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
)

// BenchmarkPage measures the cost of a page in the mock server. It must be small, because measurements of clients
// include it.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		users := make([]openlayertest.User, n)
		for i := range users {
			users[i] = people[0]
			users[i].ID = fmt.Sprintf("cust-%06d", i)
		}
		fake := openlayertest.New(apiKey)
		fake.SetUsers(pipelineID, users)
		for name, query := range map[string]string{"unsorted": "", "sorted": "&sortColumn=cost"} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					request := httptest.NewRequest(http.MethodPost, fmt.Sprintf("%s?perPage=100&page=%d%s", usersPath, 1+i%(n/100), query), strings.NewReader("{}"))
					request.Header.Set("Authorization", "Bearer "+apiKey)
					request.Header.Set("Content-Type", "application/json")
					response := &discarded{ResponseWriter: httptest.NewRecorder()}
					fake.ServeHTTP(response, request)
					if response.bytes < 10_000 {
						b.Fatalf("a page of %d bytes", response.bytes)
					}
				}
			})
		}
	}
}

// discarded counts the bytes of a response, and discards them.
type discarded struct {
	http.ResponseWriter
	bytes int
}

func (d *discarded) Write(p []byte) (int, error) {
	d.bytes += len(p)
	return io.Discard.Write(p)
}
