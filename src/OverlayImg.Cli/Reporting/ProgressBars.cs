using OverlayImg.Cli.Options;
using OverlayImg.Images.Sessions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OverlayImg.Cli.Reporting;

/// <summary>Progress bars on a terminal, one per step, drawn until the object is disposed.</summary>
internal sealed class ProgressBars : IDisposable
{
    private readonly TaskCompletionSource _done = new();
    private readonly TaskCompletionSource<ProgressContext> _context = new();
    private readonly Dictionary<string, ProgressTask> _tasks = [];
    private readonly Task _drawing;

    public ProgressBars(IAnsiConsole console)
    {
        // Spectre draws as long as its callback runs, so the callback waits for Dispose.
        _drawing = console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SizeColumn())
            .StartAsync(async context =>
            {
                _context.SetResult(context);
                await _done.Task;
            });
    }

    /// <summary>Updates the bar of a step, and adds the bar at the step's first progress.</summary>
    public void Show(StepProgress progress)
    {
        if (!_tasks.TryGetValue(progress.Text, out var task))
        {
            task = _context.Task.GetAwaiter().GetResult().AddTask(Markup.Escape(progress.Text), maxValue: progress.Total);
            _tasks.Add(progress.Text, task);
        }

        task.Value = progress.Done;
    }

    /// <summary>The bytes done and the total, in the units of all other messages.</summary>
    private sealed class SizeColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{SizeText.Format((long)task.Value)} of {SizeText.Format((long)task.MaxValue)}");
    }

    /// <summary>Removes the bars from the screen.</summary>
    public void Dispose()
    {
        _done.SetResult();
        _drawing.GetAwaiter().GetResult();
    }
}
