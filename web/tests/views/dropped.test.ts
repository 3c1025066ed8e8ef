import { expect, test } from 'vitest'
import { readHistory } from '../../src/views/networks/dropped.ts'

test('a history is read', () => {
  expect(readHistory('epoch,train_loss,test_accuracy\n1,0.5,0.9\r\n2,0.25,0.95\n')).toEqual([
    { epoch: 1, train_loss: 0.5, test_accuracy: 0.9 },
    { epoch: 2, train_loss: 0.25, test_accuracy: 0.95 },
  ])
  expect(readHistory('epoch,train_loss\n')).toEqual([])
})

test.each(['epoch,loss\n1,one', 'epoch,loss\n1', 'epoch,loss\n1,', 'epoch,loss\n1,2,3', 'epoch,loss\n1,Infinity'])(
  '%j is corrupt',
  (text) => expect(() => readHistory(text)).toThrow('history.csv is corrupt: line 2 does not hold 2 numbers.'),
)
