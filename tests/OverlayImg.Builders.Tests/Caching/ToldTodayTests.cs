using OverlayImg.Caching;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Caching;

public sealed class ToldTodayTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Clock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_cause_is_news_once_a_day_for_all_runs_of_a_cache()
    {
        Assert.True(Told().IsNews("kvm"));
        Assert.False(Told().IsNews("kvm"));
        Assert.True(Told().IsNews("downloads"));
        _clock.Now = _clock.Now.AddDays(1);
        Assert.True(Told().IsNews("kvm"));
        Assert.False(Told().IsNews("kvm"));
    }

    [Fact]
    public void Every_cause_is_news_if_the_cache_cannot_be_written()
    {
        File.WriteAllText(_directory["cache"], "a file where the cache is to be");
        Assert.True(Told().IsNews("kvm"));
        Assert.True(Told().IsNews("kvm"));
    }

    private ToldToday Told() => new(new(_directory["cache"]), _clock);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
