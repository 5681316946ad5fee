namespace OverlayImg.Images.Validation;

/// <summary>Gathers findings. A hostile archive may break a rule a million times: of each rule some are kept, the others counted.</summary>
internal sealed class Findings
{
    private const int MaximumPerRule = 50;

    private readonly List<ValidationFinding> _findings = [];
    private readonly Dictionary<string, int> _perRule = new(StringComparer.Ordinal);

    /// <summary>Those that are kept.</summary>
    public IReadOnlyList<ValidationFinding> Kept => _findings;

    /// <summary>Number of those that are not.</summary>
    public int Omitted { get; private set; }

    /// <summary>Number of errors among those that are not.</summary>
    public int OmittedErrors { get; private set; }

    /// <summary>A rule is broken.</summary>
    public void Error(string rule, string where, string what) => Keep(new(Severity.Error, rule, where, what));

    /// <summary>A recommendation is not followed.</summary>
    public void Warn(string rule, string where, string what) => Keep(new(Severity.Warning, rule, where, what));

    /// <summary>A rule is broken, as a reader says.</summary>
    public void Error(string rule, InputException exception) => Error(rule, PlaceOf(exception.Where), exception.Message);

    /// <summary>Adds what somebody else gathered.</summary>
    public void Add(Findings others)
    {
        foreach (var finding in others._findings) Keep(finding);
        Omitted += others.Omitted;
        OmittedErrors += others.OmittedErrors;
    }

    // Whoever reads the findings knows which archive it is about.
    private static string PlaceOf(InputLocation where) => (where with { File = null }).ToString() is { Length: > 0 } place ? place : "archive";

    private void Keep(ValidationFinding finding)
    {
        var count = _perRule[finding.Rule] = _perRule.GetValueOrDefault(finding.Rule) + 1;
        if (count <= MaximumPerRule)
        {
            _findings.Add(finding);
            return;
        }

        Omitted++;
        if (finding.Severity == Severity.Error) OmittedErrors++;
    }
}
