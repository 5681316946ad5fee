namespace OverlayImg.Cli.Tests.Reporting;

/// <summary>A clock that tests move. Its timers fire only when a test calls <see cref="Tick"/>.</summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly List<FakeTimer> _timers = [];
    private TimeSpan _now;

    public int Timers => _timers.Count;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FakeTimer(this, callback, state);

    public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);

    public void Tick()
    {
        foreach (var timer in _timers.ToArray()) timer.Fire();
    }

    private sealed class FakeTimer : ITimer
    {
        private readonly FakeTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;

        public FakeTimer(FakeTime time, TimerCallback callback, object? state)
        {
            (_time, _callback, _state) = (time, callback, state);
            time._timers.Add(this);
        }

        public void Fire() => _callback(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => _time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
