using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryRetryTests : IDisposable
{
    private readonly FakeNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_may_pass_is_asked_again_ever_later(int status)
    {
        var server = Failing(3, exchange => exchange.AnswerAsync(status));
        await _network.Client().GetManifestAsync(Image(server), default);
        Assert.Equal(4, server.Requests.Count);
        Assert.Collection(_network.Delays,
            delay => Assert.InRange(delay.TotalSeconds, 0.75, 1.25), delay => Assert.InRange(delay.TotalSeconds, 1.5, 2.5), delay => Assert.InRange(delay.TotalSeconds, 3, 5));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(501)]
    public async Task Other_answers_are_final(int status)
    {
        var server = Failing(9, exchange => exchange.AnswerAsync(status));
        await Assert.ThrowsAnyAsync<OverlayImgException>(() => _network.Client().GetManifestAsync(Image(server), default));
        Assert.Single(server.Requests);
        Assert.Empty(_network.Delays);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again()
    {
        var server = Failing(3, exchange =>
        {
            exchange.Cut();
            return Task.CompletedTask;
        });
        await _network.Client().GetManifestAsync(Image(server), default);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task The_server_says_when()
    {
        var date = (DateTimeOffset.UtcNow + TimeSpan.FromSeconds(30)).ToString("r");
        var answers = new Queue<string>(["17", date, "0"]);
        var server = Failing(3, exchange => exchange.AnswerAsync(429, [], $"Retry-After: {answers.Dequeue()}"));
        await _network.Client().GetManifestAsync(Image(server), default);
        Assert.Collection(_network.Delays, delay => Assert.Equal(17, delay.TotalSeconds),
            delay => Assert.InRange(delay.TotalSeconds, 20, 30), delay => Assert.InRange(delay.TotalSeconds, 3, 5));
    }

    [Fact]
    public async Task Nobody_waits_for_hours_and_limits_are_explained()
    {
        var server = Failing(9, exchange => exchange.AnswerAsync(429, [], "Retry-After: 7200", "ratelimit-limit: 100;w=21600", "ratelimit-remaining: 0;w=21600"));
        var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(Image(server), default));
        Assert.Equal($"{server.Name} limits how often it may be asked: 0 of 100 requests are left for each 6 hours. "
            + $"Wait 7200 s, or log in by 'docker login {server.Name}': who is known may ask more often.", error.Describe());
        Assert.Single(server.Requests);
        Assert.Empty(_network.Delays);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("120", 120)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 37)]
    public void Retry_After_is_seconds_or_a_date(string? header, int? seconds) =>
        Assert.Equal(seconds, Retrying.RetryAfter(header, new(1994, 11, 6, 8, 49, 0, TimeSpan.Zero))?.TotalSeconds);

    [Fact]
    public async Task A_host_that_is_not_there_is_said_to_be_so()
    {
        var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(RegistryReference.Parse("nowhere.test/a"), default));
        Assert.Contains("There is no host nowhere.test", error.Describe(), StringComparison.Ordinal);
        var closed = _network.Local(_ => Task.CompletedTask);
        var image = Image(closed);
        closed.Dispose();
        error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(image, default));
        Assert.Contains("can't be reached: Connection refused", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_has_enough_is_heard()
    {
        using var enough = new CancellationTokenSource();
        var server = _network.Local(async exchange =>
        {
            await enough.CancelAsync();
            await exchange.WaitForEndAsync();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _network.Client().GetManifestAsync(Image(server), enough.Token));
    }

    private static RegistryReference Image(FakeServer server) => RegistryReference.Parse($"{server.Name}/a:1");

    private FakeServer Failing(int times, Func<FakeExchange, Task> fail)
    {
        var registry = new FakeRegistry();
        registry.AddImage("a", "1");
        return _network.Local(exchange => Interlocked.Decrement(ref times) >= 0 ? fail(exchange) : registry.AnswerAsync(exchange));
    }
}
