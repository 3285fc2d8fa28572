package main

import (
	"encoding/json"
	"errors"
	"fmt"
)

// audit is what a plan of the scenario says: its outputs, and the results of its checks.
type audit struct {
	team struct {
		Members     int64            `json:"members"`
		Disabled    int64            `json:"disabled"`
		WithoutRole int64            `json:"without_role"`
		ByRole      map[string]int64 `json:"by_role"`
	}
	endUsers struct {
		Total    int64   `json:"total"`
		Sessions int64   `json:"sessions"`
		Records  int64   `json:"records"`
		Tokens   float64 `json:"tokens"`
		Cost     float64 `json:"cost"`
	}
	mostExpensive  []endUser
	policies       []policy
	html, markdown string // the report
}

// endUser is one of the most expensive. What the API leaves out is nil.
type endUser struct {
	ID       string   `json:"id"`
	Sessions *float64 `json:"sessions"`
	Tokens   *float64 `json:"tokens"`
	Cost     *float64 `json:"cost"`
}

// policy is the result of a check block.
type policy struct {
	check    string   // the name of the block
	status   string   // pass, fail, error, unknown or, where a check fails for that, not assessed
	problems []string // the messages of what failed
}

// decodePlan reads the output of "terraform show -json" on a plan.
func decodePlan(text []byte) (audit, error) {
	var plan struct {
		PlannedValues struct {
			Outputs map[string]struct {
				Value json.RawMessage `json:"value"`
			} `json:"outputs"`
		} `json:"planned_values"`
		// Conditions of variables, resources and outputs are among these, too.
		Checks []struct {
			Address struct {
				Kind string `json:"kind"`
				Name string `json:"name"`
			} `json:"address"`
			Status    string `json:"status"`
			Instances []struct {
				Problems []struct {
					Message string `json:"message"`
				} `json:"problems"`
			} `json:"instances"`
		} `json:"checks"`
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return audit{}, fmt.Errorf("the plan cannot be read: %w", err)
	}

	var found audit
	var notAssessed map[string][]string
	for name, value := range map[string]any{
		"team": &found.team, "end_users": &found.endUsers, "most_expensive": &found.mostExpensive,
		"not_assessed": &notAssessed, "audit_html": &found.html, "audit_md": &found.markdown,
	} {
		output, ok := plan.PlannedValues.Outputs[name]
		if !ok || output.Value == nil {
			return audit{}, fmt.Errorf("the plan has no value for the output %s", name)
		}
		if err := json.Unmarshal(output.Value, value); err != nil {
			return audit{}, fmt.Errorf("the output %s cannot be read: %w", name, err)
		}
	}
	for _, check := range plan.Checks {
		if check.Address.Kind != "check" {
			continue
		}
		result := policy{check: check.Address.Name, status: check.Status}
		if len(notAssessed[result.check]) > 0 {
			result.status = "not assessed"
		}
		for _, instance := range check.Instances {
			for _, problem := range instance.Problems {
				result.problems = append(result.problems, problem.Message)
			}
		}
		found.policies = append(found.policies, result)
	}
	if len(found.policies) == 0 {
		return audit{}, errors.New("the plan has no result of any check")
	}
	return found, nil
}
