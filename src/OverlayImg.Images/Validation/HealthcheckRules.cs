namespace OverlayImg.Images.Validation;

/// <summary>Rules for <c>Healthcheck</c> of a container config, which Docker enforces when it creates a container.</summary>
internal static class HealthcheckRules
{
    private const string Type = "config-type";
    private const string Rule = "config-healthcheck";

    // In nanoseconds. Docker refuses less than a millisecond, except for 0, which means the default.
    private const long LeastDuration = 1_000_000;

    private static readonly string[] Durations = ["Interval", "Timeout", "StartPeriod", "StartInterval"];

    public static void Check(CheckedJson healthcheck)
    {
        if (!healthcheck.IsObject(Type)) return;
        if (healthcheck.Member("Test") is { } test) CheckTest(test);
        foreach (var name in Durations)
        {
            if (healthcheck.Member(name) is not { } duration || duration.Number(Type) is not { } nanoseconds) continue;
            if (nanoseconds is not 0 and < LeastDuration)
                duration.Error(Rule, $"is {nanoseconds} ns; Docker accepts 0 or at least {LeastDuration} ns (1 ms)");
        }

        if (healthcheck.Member("Retries") is { } retries && retries.Number(Type) < 0) retries.Error(Rule, "is negative");
    }

    private static void CheckTest(CheckedJson test)
    {
        var words = test.Items(Type);
        foreach (var word in words) word.Text(Type);
        if (words is not [var first, ..] || first.Kind != System.Text.Json.JsonValueKind.String) return;
        var kind = first.Text(Type);
        var isComplete = kind switch
        {
            "NONE" => true,
            "CMD" => words.Count > 1,
            "CMD-SHELL" => words.Count == 2,
            _ => false,
        };
        if (!isComplete) test.Error(Rule, "is not a test: [\"NONE\"], [\"CMD\", program, argument ...] or [\"CMD-SHELL\", command]");
    }
}
