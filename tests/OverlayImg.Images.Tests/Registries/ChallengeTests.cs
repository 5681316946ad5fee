using OverlayImg.Images.Registries.Authentication;

namespace OverlayImg.Images.Tests;

public sealed class ChallengeTests
{
    [Theory]
    [InlineData("""Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push" """,
        "Bearer(realm=https://a/t|scope=repository:a/b:pull,push|service=s)")]
    [InlineData("bearer REALM=https://a/t , Service=s", "bearer(REALM=https://a/t|Service=s)")]
    [InlineData("""Basic realm="x", Bearer realm="https://a/t" """, "Basic(realm=x) Bearer(realm=https://a/t)")]
    [InlineData("""Negotiate, Bearer realm="a" """, "Negotiate() Bearer(realm=a)")]
    [InlineData("""Negotiate YIIabc==, Basic realm="b" """, "Negotiate(YIIabc==) Basic(realm=b)")]
    [InlineData("""Bearer realm="a\"b\\c",error="x" """, """Bearer(error=x|realm=a"b\c)""")]
    [InlineData("""Bearer realm = "a" ,, service = b,""", "Bearer(realm=a|service=b)")]
    [InlineData("Basic", "Basic()")]
    [InlineData("""Bearer realm="never ends, service="b" """, "Bearer(realm=never ends, service=) b()")]
    [InlineData("""Bearer realm="a",realm="b" """, "Bearer(realm=a)")]
    [InlineData("\" \"", "")]
    [InlineData("""= "x" ,=,"" """, "x()")]
    [InlineData("", "")]
    public void Headers_are_parsed_in_all_forms_that_servers_send(string header, string expected) =>
        Assert.Equal(expected, Show(Challenge.Parse([header])));

    [Fact]
    public void Parsing_any_header_ends()
    {
        const string letters = "Ba =,\"\\\t:é";
        var random = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            var header = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => letters[random.Next(letters.Length)]));
            Assert.All(Challenge.Parse([header]), challenge => Assert.NotEmpty(challenge.Scheme));
        }
    }

    [Fact]
    public void Several_headers_are_read() =>
        Assert.Equal("Negotiate() Basic(realm=a) Bearer(realm=b)", Show(Challenge.Parse(["Negotiate", "Basic realm=a", "Bearer realm=\"b\""])));

    [Fact]
    public void Scopes_of_the_server_come_first_without_duplicates()
    {
        Scope[] wanted = [Scope.Push("a/b")];
        Assert.Equal("repository:a/b:pull,push", Join("repository:a/b:pull", wanted));
        Assert.Equal("repository:a/b:pull,push", Join("repository:a/b:push,pull", wanted));
        Assert.Equal("repository:c:pull repository:a/b:pull,push", Join("repository:c:pull nonsense", wanted));
        Assert.Equal("repository:a/b:delete,pull,push", Join("repository:a/b:pull,push,delete", wanted));
        Assert.Equal("registry:catalog:* repository:a/b:pull,push", Join("registry:catalog:*", wanted));
    }

    private static string Join(string asked, Scope[] wanted) => string.Join(' ', Scope.Join(Scope.Parse(asked), wanted));

    private static string Show(IEnumerable<Challenge> challenges) => string.Join(' ', challenges.Select(challenge =>
        $"{challenge.Scheme}({string.Join('|', Sorted(challenge).Select(one => $"{one.Key}={one.Value}"))})"));

    private static IEnumerable<KeyValuePair<string, string>> Sorted(Challenge challenge) =>
        challenge.Parameters.OrderBy(one => one.Key, StringComparer.Ordinal);
}
