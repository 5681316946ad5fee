namespace OverlayImg.Images.Registries.Authentication;

/// <summary>What a token allows (distribution, "Token Scope Documentation").</summary>
/// <param name="Resource">Such as <c>repository:library/debian</c>.</param>
/// <param name="Actions">Such as <c>pull</c>, sorted.</param>
internal sealed record Scope(string Resource, string Actions)
{
    private const int MaximumScopes = 16;

    /// <summary>To fetch from a repository.</summary>
    public static Scope Pull(string repository) => new($"repository:{repository}", "pull");

    /// <summary>To put into a repository.</summary>
    public static Scope Push(string repository) => new($"repository:{repository}", "pull,push");

    /// <summary>Whether it allows all that the other does.</summary>
    public bool Covers(Scope other) => Resource == other.Resource && other.Actions.Split(',').All(Actions.Split(',').Contains);

    /// <summary>Reads the parameter of a challenge: scopes between spaces.</summary>
    public static IEnumerable<Scope> Parse(string text) => text
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Take(MaximumScopes)
        .Where(scope => scope.Contains(':', StringComparison.Ordinal) && scope.All(letter => letter is > ' ' and < '\x7f'))
        .Select(scope => (Scope: scope, Colon: scope.LastIndexOf(':')))
        .Select(split => new Scope(split.Scope[..split.Colon], string.Join(',', split.Scope[(split.Colon + 1)..].Split(',').Distinct().Order(StringComparer.Ordinal))));

    /// <summary>All scopes, those first that the server asks for: some servers read the first alone.</summary>
    public static IReadOnlyList<Scope> Join(IEnumerable<Scope> asked, IReadOnlyList<Scope> wanted)
    {
        var joined = asked.Where(scope => !wanted.Any(other => other.Covers(scope))).Distinct().ToList();
        joined.AddRange(wanted.Where(scope => !joined.Any(other => other.Covers(scope))));
        return joined;
    }

    /// <summary>As servers read it.</summary>
    public override string ToString() => $"{Resource}:{Actions}";
}
