namespace OverlayImg.Sandbox.Jobs;

/// <summary>The place of a job's steps among the steps of several jobs, for messages.</summary>
/// <param name="First">Number of the job's first step, from 1.</param>
/// <param name="Count">Number of the steps of all jobs.</param>
public sealed record StepRange(int First, int Count);
